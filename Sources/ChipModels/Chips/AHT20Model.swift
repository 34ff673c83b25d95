// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// An Aosong AHT20, AHT21 or DHT20, exact on the wire.
///
/// A read is always acknowledged and begins with the status; while the chip is busy the bytes after it are those of the result
/// before. A byte written while it measures begins the measurement anew, so that a controller that asks with command 0x71 waits
/// for ever, as has been seen with parts. Unknown commands are not acknowledged, AHT10's E1 among them; nor is anything while
/// the chip starts up or resets. The registers 1B, 1C and 1E of the maker's own initialisation are not there. Datasheets AHT20
/// A1 5.3 and 5.4, DHT20 1.0 7.3 and 7.4.
package struct AHT20Model: I2CChipModel {
    /// Whether the chip loads its calibration by itself at power-up, as nearly all do.
    private let calibratesItself: Bool
    private var ambient: Ambient
    private var readyAt: ContinuousClock.Instant
    private var isCalibrated: Bool
    private var work: Work?
    private var data: [UInt8] = [0, 0, 0, 0, 0]
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var byteIndex = 0

    private struct Work {
        let isMeasurement: Bool
        var end: ContinuousClock.Instant
    }

    private static let measurementTime = Duration.milliseconds(80)

    /// Powers the chip up at `instant`; one that does not calibrate itself has to be initialised.
    package init(
        ambient: Ambient, poweredAt instant: ContinuousClock.Instant, calibratesItself: Bool
    ) {
        self.calibratesItself = calibratesItself
        self.ambient = ambient.finite(else: .room)
        isCalibrated = calibratesItself
        readyAt = instant.advanced(by: .milliseconds(100))
    }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        (input, byteIndex) = ([], 0)
        guard now >= readyAt else { return false }
        if reading {
            let status: UInt8 = (work == nil ? 0x10 : 0x90) | (isCalibrated ? 0x08 : 0)
            output = [status] + data
            output.append(CRC8.sensirion(output))
        }
        return true
    }

    /// One byte from the controller: a command and its two parameters.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        input.append(byte)
        if work?.isMeasurement == true { work?.end = now.advanced(by: Self.measurementTime) }
        switch input {
        case [0xBE], [0xBE, 0x08], [0xAC], [0xAC, 0x33], [0x71]: break
        case [0xBE, 0x08, 0x00]: work = Work(isMeasurement: false, end: now.advanced(by: .milliseconds(10)))
        case [0xAC, 0x33, 0x00]:
            work = Work(isMeasurement: true, end: now.advanced(by: Self.measurementTime))
        case [0xBA]:
            self = AHT20Model(ambient: ambient, poweredAt: now, calibratesItself: calibratesItself)
            readyAt = now.advanced(by: .milliseconds(20))
        default: return false
        }
        return true
    }

    /// One byte to the controller; after the seven of a result the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        return byteIndex < output.count ? output[byteIndex] : 0xFF
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let work, work.end <= now else { return }
        self.work = nil
        guard work.isMeasurement else {
            isCalibrated = true
            return
        }
        let top: UInt32 = 0xF_FFFF
        let humidity = ConverterCode.nearest(
            ambient.relativeHumidity, from: 0, span: 100, steps: 1_048_576, top: top)
        let temperature = ConverterCode.nearest(
            ambient.celsius, from: -50, span: 200, steps: 1_048_576, top: top)
        data = [
            UInt8(truncatingIfNeeded: humidity >> 12), UInt8(truncatingIfNeeded: humidity >> 4),
            UInt8(truncatingIfNeeded: humidity << 4 & 0xF0 | temperature >> 16),
            UInt8(truncatingIfNeeded: temperature >> 8), UInt8(truncatingIfNeeded: temperature),
        ]
    }
}

extension AHT20Model: AmbientChipModel {
    package static let driverName = "aht20"

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, calibratesItself: true)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// Whether the calibration is loaded.
    package var settings: [UInt16] { [isCalibrated ? 1 : 0] }
}
