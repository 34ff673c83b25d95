// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// A TI HDC2080 or HDC2010, exact on the wire.
///
/// 8-bit registers with a pointer that moves on by itself, results with their low byte first, triggered and automatic
/// measurements, a data-ready bit that reading clears, adjustments, maxima. While a measurement runs the registers hold the
/// result before. The heater bit is kept, but the heater does not warm the model, and thresholds are never tripped. TI SNAS678,
/// SNAU250 chapter 5.
package struct HDC2080Model: I2CChipModel {
    private enum Register {
        static let status = 0x04
        static let highestTemperature = 0x05
        static let highestHumidity = 0x06
        static let temperatureAdjustment = 0x08
        static let humidityAdjustment = 0x09
        static let configuration = 0x0E
        static let measurement = 0x0F
    }

    /// Thresholds at the ends of their ranges, all else 0.
    private static let resetRegisters: [UInt8] = [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xFF, 0x00, 0xFF, 0, 0,
    ]
    /// TI, then the part's id, low bytes first.
    private static let identity: [UInt8] = [0x49, 0x54, 0xD0, 0x07]

    /// What the part's formula subtracts from the temperature.
    private let offset: Double
    private var ambient: Ambient
    private let readyAt: ContinuousClock.Instant
    private var registers = Self.resetRegisters
    private var pointer: UInt8 = 0
    private var isPointer = false
    /// When the measurement under way, or in automatic mode the next one, ends.
    private var measurementEnd: ContinuousClock.Instant?

    /// Powers the chip up at `instant`: asleep, with results of zero.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant, offset: Double) {
        self.offset = offset
        self.ambient = ambient.finite(else: .room)
        readyAt = instant.advanced(by: .milliseconds(3))
    }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        isPointer = !reading
        return now >= readyAt
    }

    /// One byte from the controller: the pointer, then registers from there on.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        guard !isPointer else {
            (pointer, isPointer) = (byte, false)
            return true
        }
        store(byte, in: Int(pointer), at: now)
        pointer &+= 1
        return true
    }

    /// One byte to the controller: registers from the pointer on.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        let register = Int(pointer)
        pointer &+= 1
        guard register < registers.count else { return register < 0xFC ? 0 : Self.identity[register - 0xFC] }
        defer { if register == Register.status { registers[register] = 0 } }
        return registers[register]
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}

extension HDC2080Model {
    private var isAutomatic: Bool { registers[Register.configuration] & 0x70 != 0 }

    /// Time from one automatic measurement to the next.
    private var period: Duration {
        switch registers[Register.configuration] >> 4 & 0b111 {
        case 1: .seconds(120)
        case 2: .seconds(60)
        case 3: .seconds(10)
        case 4: .seconds(5)
        case 5: .seconds(1)
        case 6: .milliseconds(500)
        default: .milliseconds(200)
        }
    }

    /// Both quantities, or the temperature alone.
    private var measuresHumidity: Bool { registers[Register.measurement] & 0b110 == 0 }
    private var temperatureResolution: Int { Int(registers[Register.measurement] >> 6) }
    private var humidityResolution: Int { Int(registers[Register.measurement] >> 4 & 0b11) }

    /// 14, 11 and 9 bits; SNAS678, electrical characteristics.
    private var conversionTime: Duration {
        let temperature = [610, 350, 225, 225][temperatureResolution]
        let humidity = [660, 400, 275, 275][humidityResolution]
        return .microseconds(temperature + (measuresHumidity ? humidity : 0))
    }

    private mutating func store(_ byte: UInt8, in register: Int, at now: ContinuousClock.Instant) {
        switch register {
        case 0x07...0x0D: registers[register] = byte
        case Register.configuration:
            guard byte & 0x80 == 0 else {
                (registers, measurementEnd) = (Self.resetRegisters, nil)
                return
            }
            let wasAutomatic = isAutomatic
            registers[register] = byte
            if wasAutomatic, !isAutomatic { measurementEnd = nil }
        case Register.measurement:
            // The trigger clears itself.
            registers[register] = byte & 0xF6
            if byte & 1 != 0 { measurementEnd = now.advanced(by: conversionTime) }
        default: break
        }
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let end = measurementEnd, end <= now else { return }
        complete()
        measurementEnd = nil
        if isAutomatic {
            let more = (end.duration(to: now) / period).rounded(.down)
            measurementEnd = end.advanced(by: period * (more + 1))
        }
    }

    private mutating func complete() {
        // The steps of the adjustments: 20.62 °C and 25 % in bit 7.
        let adjustment = Double(Int8(bitPattern: registers[Register.temperatureAdjustment])) * 20.62 / 128
        let temperature = ConverterCode.leftAligned(
            ambient.celsius + adjustment, from: -offset, span: 165,
            bits: [14, 11, 9, 9][temperatureResolution])
        store(temperature, at: 0, highest: Register.highestTemperature)
        if measuresHumidity {
            let adjustment = Double(Int8(bitPattern: registers[Register.humidityAdjustment])) * 25 / 128
            let humidity = ConverterCode.leftAligned(
                ambient.relativeHumidity + adjustment, from: 0, span: 100,
                bits: [14, 11, 9, 9][humidityResolution])
            store(humidity, at: 2, highest: Register.highestHumidity)
        }
        registers[Register.status] |= 0x80
    }

    private mutating func store(_ word: UInt16, at register: Int, highest: Int) {
        registers[register] = UInt8(word & 0xFF)
        registers[register + 1] = UInt8(word >> 8)
        registers[highest] = max(registers[highest], UInt8(word >> 8))
    }
}

extension HDC2080Model: AmbientChipModel {
    package static let driverName = "hdc2080"

    /// Powers an HDC2080 up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, offset: 40.5)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        advance(to: now)
        self.ambient = ambient.finite(else: self.ambient)
    }

    /// Interrupts, adjustments, thresholds, configuration and measurement configuration.
    package var settings: [UInt16] { registers[0x07...0x0F].map(UInt16.init) }
}
