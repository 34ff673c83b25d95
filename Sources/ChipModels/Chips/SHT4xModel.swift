// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A Sensirion SHT40, SHT41 or SHT45, exact on the wire.
///
/// One-byte commands; neither they nor reads are acknowledged while the chip measures, heats or starts up. A result can be
/// read once. Unknown commands are not acknowledged. Each conversion takes its longest time. A heater pulse keeps the chip busy
/// and ends with a measurement, as in a part, but does not warm the model. Datasheet SHT4x, sections 3.1 and 4.5 to 4.9.
package struct SHT4xModel: I2CChipModel {
    private static let startTime = Duration.milliseconds(1)

    private let serial: UInt32
    private var ambient: Ambient
    /// Until then nothing is acknowledged.
    private var readyAt: ContinuousClock.Instant
    /// What a read gives when the chip is ready; `nil` for nothing.
    private var reply: [UInt8]?
    /// Whether the measurement under way has still to be taken, at `readyAt`.
    private var isMeasuring = false
    private var output: [UInt8] = []
    private var byteIndex = 0

    /// Powers the chip up at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant, serial: UInt32 = 0xFBBE_9991) {
        self.serial = serial
        self.ambient = ambient.finite(else: .room)
        readyAt = instant.advanced(by: Self.startTime)
    }

    /// START and the address byte; acknowledged by a chip that is not busy, and that has something to read.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        byteIndex = 0
        guard now >= readyAt else { return false }
        guard reading else { return true }
        guard let reply else { return false }
        output = reply
        self.reply = nil
        return true
    }

    /// One byte from the controller: a command.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        defer { byteIndex += 1 }
        guard byteIndex == 0 else { return false }
        // A command takes the place of a result that nobody fetched.
        reply = nil
        switch byte {
        case 0xFD: measure(for: .microseconds(8300), at: now)
        case 0xF6: measure(for: .microseconds(4500), at: now)
        case 0xE0: measure(for: .microseconds(1600), at: now)
        case 0x39, 0x2F, 0x1E: measure(for: .milliseconds(1100), at: now)
        case 0x32, 0x24, 0x15: measure(for: .milliseconds(110), at: now)
        case 0x89: reply = CRC8.sensirionFrame(UInt16(serial >> 16), UInt16(serial & 0xFFFF))
        case 0x94: self = SHT4xModel(ambient: ambient, poweredAt: now, serial: serial)
        default: return false
        }
        return true
    }

    /// One byte to the controller; after the six of a reply the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        return byteIndex < output.count ? output[byteIndex] : 0xFF
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}

    private mutating func measure(for duration: Duration, at now: ContinuousClock.Instant) {
        isMeasuring = true
        readyAt = now.advanced(by: duration)
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard isMeasuring, now >= readyAt else { return }
        isMeasuring = false
        let temperature = ConverterCode.nearest(
            ambient.celsius, from: -45, span: 175, steps: 65535, top: 65535)
        let humidity = ConverterCode.nearest(
            ambient.relativeHumidity, from: -6, span: 125, steps: 65535, top: 65535)
        reply = CRC8.sensirionFrame(UInt16(temperature), UInt16(humidity))
    }
}

extension SHT4xModel: AmbientChipModel {
    package static let driverName = "sht4x"

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, serial: 0xFBBE_9991)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// The chip has no settings.
    package var settings: [UInt16] { [] }
}
