// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// What tells the models of BME280 and BMP280 apart.
package protocol BMx280ModelVariant: Sendable {
    /// The name of the driver that reads the chip.
    static var driverName: String { get }
    /// The content of register 0xD0.
    static var chipID: UInt8 { get }
    /// Whether there are registers for the humidity.
    static var measuresHumidity: Bool { get }
    /// What t_sb means, by its eight codes.
    static var standbyTimes: [Duration] { get }
}

/// A BME280 or BMP280, exact on the wire.
///
/// Reads count the register up, writes are pairs of register and value; data registers are shadowed from the START of a read
/// to its end. BST-BME280-DS002, chapters 3 to 6; BST-BMP280-DS001, chapters 3 to 5. What the data sheets leave open, the
/// model decides against the driver: trimming data read 0 until they are copied, config is not taken in normal mode, and
/// ctrl_meas reads what is in force while a command waits for the end of a measurement. Reserved registers read 0.
package struct BMx280Model<Variant: BMx280ModelVariant>: I2CChipModel {
    /// The time from power-up or reset until the trimming data are copied.
    private static var startUpTime: Duration { .milliseconds(2) }

    private let trimming = BMx280Trimming()
    private var conversion: BMx280Conversion<Variant>
    private let slowness: Double
    private var updatingUntil: ContinuousClock.Instant
    private var pointer: UInt8 = 0
    private var byteIndex = 0
    /// The data registers as they were at the START of a read.
    private var shadow: [UInt8] = []

    /// Powers the chip up in `ambient` at `instant`: asleep, nothing measured.
    ///
    /// Conversions take `slowness` times the typical time; at most 1.17 by the data sheets.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant, slowness: Double = 1) {
        conversion = BMx280Conversion(ambient: ambient, slowness: slowness)
        self.slowness = slowness
        updatingUntil = instant.advanced(by: Self.startUpTime)
    }

    /// A power cycle, or the reset command: every register as after power-up.
    package mutating func resetPower(at now: ContinuousClock.Instant) {
        self = Self(ambient: conversion.ambient, poweredAt: now, slowness: slowness)
    }

    /// ctrl_hum, ctrl_meas and config.
    package var settings: [UInt16] {
        [conversion.ctrlHum, conversion.ctrlMeas, conversion.config].map { UInt16($0) }
    }

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        conversion.advance(to: now)
        byteIndex = 0
        shadow = conversion.data
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
        case 0xE0 where byte == 0xB6: resetPower(at: now)
        case 0xF2 where Variant.measuresHumidity: conversion.write(ctrlHum: byte)
        case 0xF4: conversion.write(ctrlMeas: byte, at: now)
        case 0xF5: conversion.write(config: byte)
        default: break
        }
        return true
    }

    /// One byte to the controller; the next one is of the next register.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        conversion.advance(to: now)
        defer { pointer &+= 1 }
        return content(of: pointer, at: now)
    }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}

    private func content(of register: UInt8, at now: ContinuousClock.Instant) -> UInt8 {
        switch register {
        case 0x88...0xA1:
            byte(Int(register) - 0x88, of: trimming.bytes(withHumidity: Variant.measuresHumidity), at: now)
        case 0xD0: Variant.chipID
        case 0xE1...0xE7 where Variant.measuresHumidity:
            byte(Int(register) - 0xE1, of: trimming.humidityBytes, at: now)
        case 0xF2 where Variant.measuresHumidity: conversion.ctrlHum
        case 0xF3: (conversion.isMeasuring ? 0x08 : 0) | (now < updatingUntil ? 0x01 : 0)
        case 0xF4: conversion.ctrlMeas
        case 0xF5: conversion.config
        case 0xF7...0xFE where Int(register) - 0xF7 < shadow.count: shadow[Int(register) - 0xF7]
        default: 0
        }
    }

    /// A byte of the trimming data's image, which is empty until it is copied.
    private func byte(_ index: Int, of bytes: [UInt8], at now: ContinuousClock.Instant) -> UInt8 {
        now < updatingUntil || index >= bytes.count ? 0 : bytes[index]
    }
}

extension BMx280Model: AmbientChipModel {
    package static var driverName: String { Variant.driverName }

    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(ambient: ambient, poweredAt: instant, slowness: 1)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        conversion.advance(to: now)
        conversion.ambient = ambient
    }
}
