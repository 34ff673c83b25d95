// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A Bosch BMP180 or BMP085, exact on the wire.
///
/// Two commands, each with its time, share the result registers; the control register shows in SCO whether one is being
/// executed. Reads count the register up. BST-BMP180-DS000, chapters 3 to 5. A command during a conversion takes its place,
/// which the data sheet leaves open.
package struct BMP180Model: I2CChipModel {
    private enum Register {
        static let calibration: UInt8 = 0xAA
        static let id: UInt8 = 0xD0
        static let reset: UInt8 = 0xE0
        static let control: UInt8 = 0xF4
        static let result: UInt8 = 0xF6
    }

    private static let isConverting: UInt8 = 0x20
    private let calibration = BMP180ModelCalibration()
    private let slowness: Double
    private var ambient: Ambient
    private var pointer: UInt8 = 0
    private var byteIndex = 0
    private var control: UInt8 = 0
    private var conversionEnd: ContinuousClock.Instant?
    private var result: [UInt8] = [0x80, 0, 0]

    /// Powers the chip up in `ambient` at `instant`: nothing measured.
    ///
    /// Conversions take `slowness` times the typical time; at most 1.5 by the data sheet.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant, slowness: Double = 1) {
        self.ambient = ambient
        self.slowness = slowness
    }

    /// A power cycle, or the reset command: every register as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = Self(ambient: ambient, poweredAt: now, slowness: slowness)
    }

    /// None: the control register holds the last command, not a setting.
    package var settings: [UInt16] { [] }

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        byteIndex = 0
        return true
    }

    /// One byte from the controller: register, value, register, value and so on.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        defer { byteIndex += 1 }
        guard !byteIndex.isMultiple(of: 2) else {
            pointer = byte
            return true
        }
        switch pointer {
        case Register.reset where byte == 0xB6: resetPower(at: now)
        case Register.control: command(byte, at: now)
        default: break
        }
        return true
    }

    /// One byte to the controller; the next one is of the next register.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        advance(to: now)
        defer { pointer &+= 1 }
        switch pointer {
        case Register.calibration..<Register.calibration + 22:
            return calibration.bytes[Int(pointer - Register.calibration)]
        case Register.id: return 0x55
        case Register.control: return control
        case Register.result..<Register.result + 3: return result[Int(pointer - Register.result)]
        default: return 0
        }
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension BMP180Model {
    private var oversampling: Int { Int(control >> 6) }

    /// BST-BMP180-DS000, table 1: typical times.
    private var conversionTime: Duration? {
        switch control & 0x3F {
        case 0x2E: .milliseconds(3)
        case 0x34: .milliseconds([3, 5, 9, 17][oversampling])
        default: nil
        }
    }

    private mutating func command(_ byte: UInt8, at now: ContinuousClock.Instant) {
        control = byte
        conversionEnd = conversionTime.map { now.advanced(by: $0 * slowness) }
        if conversionEnd == nil { control &= ~Self.isConverting }
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let end = conversionEnd, end <= now else { return }
        conversionEnd = nil
        control &= ~Self.isConverting
        let ut = calibration.ut(celsius: ambient.celsius)
        if control & 0x1F == 0x0E {
            result = [UInt8(truncatingIfNeeded: ut >> 8), UInt8(truncatingIfNeeded: ut), 0]
        } else {
            let up = calibration.up(pascals: ambient.pascals, ut: ut, oversampling: oversampling)
            let word = up << Int64(8 - oversampling)
            result = [word >> 16, word >> 8, word].map(UInt8.init(truncatingIfNeeded:))
        }
    }
}

extension BMP180Model: AmbientChipModel {
    package static let driverName = "bmp180"

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, slowness: 1)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient
    }
}
