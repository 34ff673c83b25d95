// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A Silicon Labs Si7021 or a TE HTU21D, exact on the wire.
///
/// Neither commands nor reads are acknowledged while the chip converts or starts up, nor a read without a result, nor a command
/// that does not exist. A result can be read once. Each conversion takes its longest time. A read after a command of hold mode
/// gives the result at once, as if the clock had been stretched meanwhile. The heater bits are kept, but the heater does not
/// warm the model. Si7021-A20 datasheet 1.1, tables 2 and 11, section 5 and 6; HTU21D(F) datasheet HPC199, pages 11 to 14.
package struct Si7021Model: I2CChipModel {
    /// Which part it is.
    package enum Part: Sendable, Hashable {
        case si7021, htu21d
    }

    private struct Conversion {
        let isTemperature: Bool
        let isHeld: Bool
        let end: ContinuousClock.Instant
    }

    private let part: Part
    private var ambient: Ambient
    private var readyAt: ContinuousClock.Instant
    private var conversion: Conversion?
    /// What a read gives when the chip is ready; `nil` for nothing.
    private var reply: [UInt8]?
    /// The temperature of the last humidity conversion, for E0.
    private var lastTemperature: UInt16 = 0
    private var userRegister: UInt8
    private var heaterRegister: UInt8 = 0
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var byteIndex = 0

    /// Powers a chip of that part up at `instant`.
    package init(_ part: Part, ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.part = part
        self.ambient = ambient.finite(else: .room)
        readyAt = instant.advanced(by: part == .si7021 ? .milliseconds(80) : .milliseconds(15))
        userRegister = part == .si7021 ? 0x3A : 0x02
    }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        (input, byteIndex) = ([], 0)
        guard now >= readyAt else { return false }
        if reading, conversion?.isHeld == true { complete() }
        guard conversion == nil else { return false }
        guard reading else { return true }
        guard let reply else { return false }
        output = reply
        self.reply = nil
        return true
    }

    /// One byte from the controller: one or two of a command, or a command and what it writes.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        input.append(byte)
        switch input.count {
        case 1: return take(command: byte, at: now)
        case 2: return take(second: byte, after: input[0])
        default: return false
        }
    }

    /// One byte to the controller; after those of a reply the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        return byteIndex < output.count ? output[byteIndex] : 0xFF
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension Si7021Model {
    private mutating func take(command: UInt8, at now: ContinuousClock.Instant) -> Bool {
        reply = nil
        switch command {
        case 0xE3, 0xF3: convert(temperature: true, held: command == 0xE3, at: now)
        case 0xE5, 0xF5: convert(temperature: false, held: command == 0xE5, at: now)
        case 0xE7: reply = [userRegister]
        case 0xFE:
            let (part, ambient) = (part, ambient)
            self = Si7021Model(part, ambient: ambient, poweredAt: now)
            readyAt = now.advanced(by: .milliseconds(15))
        case 0xE6, 0xFA, 0xFC: break
        case 0xE0 where part == .si7021:
            reply = [UInt8(lastTemperature >> 8), UInt8(lastTemperature & 0xFF)]
        case 0x11 where part == .si7021: reply = [heaterRegister]
        case 0x51, 0x84: return part == .si7021
        default: return false
        }
        return true
    }

    private mutating func take(second byte: UInt8, after command: UInt8) -> Bool {
        switch (command, byte) {
        case (0xE6, _):
            // The resolution and the heater; of the others a controller has to keep what it read.
            userRegister = userRegister & ~0x85 | byte & 0x85
        case (0x51, _) where part == .si7021: heaterRegister = byte & 0x0F
        case (0x84, 0xB8) where part == .si7021: reply = [0x20]
        case (0xFA, 0x0F): reply = electronicID(first: true)
        case (0xFC, 0xC9): reply = electronicID(first: false)
        default: return false
        }
        return true
    }

    /// Either half of the electronic id; the checksums of a Si7021 go on from byte to byte, those of an HTU21D do not.
    private func electronicID(first: Bool) -> [UInt8] {
        let serial: [UInt8] = first ? [0x00, 0x4A, 0x3F, 0xC1] : [0x15, 0x8A, 0xA6, 0xAE]
        guard part == .si7021 else {
            return first
                ? [0x00, 0x4A, 0x3F, 0xC1].flatMap { [$0, CRC8.si([$0])] }
                : [0x32, 0xD4, CRC8.si([0x32, 0xD4]), 0x88, 0xBB, CRC8.si([0x88, 0xBB])]
        }
        var bytes: [UInt8] = []
        for (index, byte) in serial.enumerated() {
            bytes.append(byte)
            if first || !index.isMultiple(of: 2) { bytes.append(CRC8.si(Array(serial[...index]))) }
        }
        return bytes
    }

    /// RES1 and RES0 as an index: humidity and temperature of 12 and 14, 8 and 12, 10 and 13, 11 and 11 bits.
    private var resolution: Int { Int(userRegister >> 6 & 0b10 | userRegister & 1) }
    private var humidityBits: Int { [12, 8, 10, 11][resolution] }
    private var temperatureBits: Int { [14, 12, 13, 11][resolution] }

    /// The longest conversion; a Si7021 measures the temperature in each humidity conversion too.
    private func duration(temperature: Bool) -> Duration {
        switch part {
        case .si7021:
            let forTemperature: [Double] = [10.8, 3.8, 6.2, 2.4]
            let forHumidity: [Double] = [12, 3.1, 4.5, 7]
            return .milliseconds(1)
                * (forTemperature[resolution] + (temperature ? 0 : forHumidity[resolution]))
        case .htu21d:
            return .milliseconds((temperature ? [50, 13, 25, 7] : [16, 3, 5, 8])[resolution])
        }
    }

    private mutating func convert(temperature: Bool, held: Bool, at now: ContinuousClock.Instant) {
        conversion = Conversion(
            isTemperature: temperature, isHeld: held,
            end: now.advanced(by: duration(temperature: temperature)))
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        if let conversion, conversion.end <= now { complete() }
    }

    private mutating func complete() {
        guard let conversion else { return }
        self.conversion = nil
        let temperature = ConverterCode.leftAligned(
            ambient.celsius, from: -46.85, span: 175.72, bits: temperatureBits)
        guard !conversion.isTemperature else {
            reply = Self.result(temperature)
            return
        }
        lastTemperature = temperature
        // The status bits 10 mark a humidity.
        let humidity = ConverterCode.leftAligned(
            ambient.relativeHumidity, from: -6, span: 125, bits: humidityBits)
        reply = Self.result(humidity & ~0b11 | 0b10)
    }

    private static func result(_ word: UInt16) -> [UInt8] {
        let bytes = [UInt8(word >> 8), UInt8(word & 0xFF)]
        return bytes + [CRC8.si(bytes)]
    }
}

extension Si7021Model: AmbientChipModel {
    package static let driverName = "si7021"

    /// Powers a Si7021 up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(.si7021, ambient: ambient, poweredAt: instant)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// The user register and the heater register.
    package var settings: [UInt16] { [UInt16(userRegister), UInt16(heaterRegister)] }
}
