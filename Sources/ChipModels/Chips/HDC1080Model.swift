// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A TI HDC1080, exact on the wire.
///
/// Pointer register, 16-bit registers most significant byte first. Writing pointer 0 or 1 starts an acquisition, or starts it
/// anew; until it ends, reads are not acknowledged. The pointer moves on from the temperature to the humidity only. The heater
/// bit is kept, but the heater does not warm the model, and the battery is never low. TI SNAS672A, sections 7.5, 8.5 and 8.6.
package struct HDC1080Model: I2CChipModel {
    private static let resetConfiguration: UInt16 = 0x1000
    private static let startTime = Duration.milliseconds(15)

    private enum Register {
        static let temperature: UInt8 = 0x00
        static let humidity: UInt8 = 0x01
        static let configuration: UInt8 = 0x02
    }

    private struct Acquisition {
        let temperature, humidity: Bool
        let end: ContinuousClock.Instant
    }

    private var ambient: Ambient
    private let readyAt: ContinuousClock.Instant
    private var pointer = Register.temperature
    private var configuration = Self.resetConfiguration
    private var temperature: UInt16 = 0
    private var humidity: UInt16 = 0
    private var acquisition: Acquisition?
    private var output: [UInt8] = []
    private var byteIndex = 0
    private var written: UInt8 = 0

    /// Powers the chip up at `instant`: asleep, with results of zero.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.ambient = ambient.finite(else: .room)
        readyAt = instant.advanced(by: Self.startTime)
    }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        byteIndex = 0
        guard now >= readyAt else { return false }
        guard reading else { return true }
        guard acquisition == nil else { return false }
        let words = pointer == Register.temperature ? [temperature, humidity] : [word(of: pointer)]
        output = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return true
    }

    /// One byte from the controller: the pointer, then the configuration's bytes.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        defer { byteIndex += 1 }
        switch byteIndex {
        case 0:
            pointer = byte
            if pointer <= Register.humidity { acquire(at: now) }
        case 1: written = byte
        case 2 where pointer == Register.configuration:
            configure(UInt16(written) << 8 | UInt16(byte))
        default: break
        }
        return true
    }

    /// One byte to the controller; after those of the register the chip leaves the line alone.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { byteIndex += 1 }
        return byteIndex < output.count ? output[byteIndex] : 0xFF
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension HDC1080Model {
    private var acquiresBoth: Bool { configuration & 0x1000 != 0 }
    private var temperatureBits: Int { configuration & 0x0400 == 0 ? 14 : 11 }
    private var humidityBits: Int {
        switch configuration >> 8 & 0b11 {
        case 0b00: 14
        case 0b01: 11
        default: 8
        }
    }

    private func word(of register: UInt8) -> UInt16 {
        switch register {
        case Register.temperature: temperature
        case Register.humidity: humidity
        case Register.configuration: configuration
        // A serial number of 41 bits, then TI's and the part's id.
        case 0xFB: 0x0231
        case 0xFC: 0x7A5C
        case 0xFD: 0x8000
        case 0xFE: 0x5449
        case 0xFF: 0x1050
        default: 0
        }
    }

    private mutating func configure(_ word: UInt16) {
        guard word & 0x8000 == 0 else {
            configuration = Self.resetConfiguration
            (temperature, humidity, acquisition) = (0, 0, nil)
            return
        }
        // BTST and the reserved bits are no storage.
        configuration = word & 0x3700
    }

    private mutating func acquire(at now: ContinuousClock.Instant) {
        let takesTemperature = acquiresBoth || pointer == Register.temperature
        let takesHumidity = acquiresBoth || pointer == Register.humidity
        var duration = Duration.zero
        if takesTemperature { duration += .microseconds(temperatureBits == 14 ? 6350 : 3650) }
        if takesHumidity { duration += .microseconds([14: 6500, 11: 3850][humidityBits] ?? 2500) }
        acquisition = Acquisition(
            temperature: takesTemperature, humidity: takesHumidity, end: now.advanced(by: duration))
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let acquisition, acquisition.end <= now else { return }
        self.acquisition = nil
        if acquisition.temperature {
            temperature = ConverterCode.leftAligned(
                ambient.celsius, from: -40, span: 165, bits: temperatureBits)
        }
        if acquisition.humidity {
            humidity = ConverterCode.leftAligned(
                ambient.relativeHumidity, from: 0, span: 100, bits: humidityBits)
        }
    }
}

extension HDC1080Model: AmbientChipModel {
    package static let driverName = "hdc1080"

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// The configuration register.
    package var settings: [UInt16] { [configuration] }
}
