// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The trimming data of a BME280 or BMP280 as numbers, and the formulas of temperature and pressure.
///
/// BST-BME280-DS002, 4.2.2 (trimming parameters) and 8.1 (formulas in double precision). Floating point cannot overflow on
/// absurd input as the integer forms do: it gives a value out of range.
struct BMx280Calibration: Sendable, Hashable {
    let digT1, digT2, digT3: Double
    let digP1, digP2, digP3, digP4, digP5, digP6, digP7, digP8, digP9: Double
    /// The humidity's part; `nil` on a BMP280.
    let humidity: BME280HumidityCalibration?

    /// Takes the bytes from 0x88 on and, of a BME280, those from 0xE1 on.
    ///
    /// Throws `.badCalibration` for blank trimming data and for such as would divide by zero.
    init(_ bytes: [UInt8], humidity: [UInt8]?) throws(SensorError) {
        guard bytes.count >= (humidity == nil ? 24 : 26) else {
            throw SensorError(.shortRead, "\(bytes.count) bytes of trimming data are too few")
        }
        guard !isBlank(bytes[..<24]) else {
            throw SensorError(.badCalibration, "the trimming data are blank")
        }
        func unsigned(_ index: Int) -> Double { Double(littleEndianWord(bytes, index)) }
        func signed(_ index: Int) -> Double { Double(Int16(bitPattern: littleEndianWord(bytes, index))) }
        (digT1, digT2, digT3) = (unsigned(0), signed(2), signed(4))
        digP1 = unsigned(6)
        (digP2, digP3, digP4, digP5) = (signed(8), signed(10), signed(12), signed(14))
        (digP6, digP7, digP8, digP9) = (signed(16), signed(18), signed(20), signed(22))
        guard digT1 != 0, digT2 != 0, digP1 != 0 else {
            throw SensorError(.badCalibration, "dig_T1, dig_T2 or dig_P1 is 0")
        }
        self.humidity =
            if let humidity {
                try BME280HumidityCalibration(h1: bytes[25], humidity)
            } else {
                nil
            }
    }

    /// The fine temperature, 1/5120 °C, that all three formulas share (t_fine).
    func fineTemperature(adcT: UInt32) -> Double {
        let adc = Double(adcT)
        let square = adc / 131_072 - digT1 / 8192
        return (adc / 16384 - digT1 / 1024) * digT2 + square * square * digT3
    }

    /// The temperature in °C.
    static func celsius(fineTemperature: Double) -> Double { fineTemperature / 5120 }

    /// The pressure in Pa, unlimited; not finite where the formula would divide by zero.
    func pascals(adcP: UInt32, fineTemperature: Double) -> Double {
        let x = fineTemperature / 2 - 64000
        let offset = (x * x * digP6 / 32768 + x * digP5 * 2) / 4 + digP4 * 65536
        let slope = (1 + (digP3 * x * x / 524_288 + digP2 * x) / 524_288 / 32768) * digP1
        let p = (1_048_576 - Double(adcP) - offset / 4096) * 6250 / slope
        return p + (digP9 * p * p / 2_147_483_648 + p * digP8 / 32768 + digP7) / 16
    }
}

extension BMx280 {
    /// The code of a quantity that was skipped, and of one that was never measured.
    ///
    /// BST-BME280-DS002, 5.3 and 5.4: with ordinary trimming data it decodes to a believable value.
    private static var notMeasuredCode: UInt32 { 0x80000 }

    /// What the data registers hold.
    ///
    /// Throws `.notMeasured` and `.outOfRange` for the temperature, without which nothing can be compensated; the other
    /// quantities fail each for itself.
    static func measurements(
        from registers: BMx280Registers, _ calibration: BMx280Calibration
    ) throws(SensorError) -> [Measurement] {
        let adcT = registers.code(at: BMx280Register.temperature)
        guard adcT != notMeasuredCode else {
            throw SensorError(.notMeasured, "the chip has not measured the temperature")
        }
        let fine = calibration.fineTemperature(adcT: adcT)
        let celsius = BMx280Calibration.celsius(fineTemperature: fine)
        guard ranges[.temperature]?.contains(celsius) == true else {
            throw SensorError(.outOfRange, "\(celsius) °C is outside −40…85 °C")
        }
        let adcP = registers.code(at: BMx280Register.pressure)
        let pascals = calibration.pascals(adcP: adcP, fineTemperature: fine)
        let pressure =
            if adcP == notMeasuredCode {
                Measurement(.pressure, failed: .notMeasured)
            } else if ranges[.pressure]?.contains(pascals) == true {
                Measurement(.pressure, pascals)
            } else {
                Measurement(.pressure, failed: .outOfRange)
            }
        let humidity = calibration.humidity?
            .measurement(adcH: registers.humidityCode, fineTemperature: fine)
        return [Measurement(.temperature, celsius), pressure] + (humidity.map { [$0] } ?? [])
    }
}

/// Whether trimming data are all zeros or all ones.
func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.allSatisfy { $0 == 0 } || bytes.allSatisfy { $0 == 0xFF }
}

/// Two bytes of trimming data, the least significant first.
func littleEndianWord(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8
}
