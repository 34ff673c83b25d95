// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The trimming data of a BME280's humidity as numbers, and its formula.
///
/// BST-BME280-DS002, 4.2.2 and 8.1.
struct BME280HumidityCalibration: Sendable, Hashable {
    let digH1, digH2, digH3, digH4, digH5, digH6: Double

    /// The code of a humidity that was skipped, and of one that was never measured.
    private static let notMeasuredCode: UInt16 = 0x8000
    /// How far beyond 0…100 % a sound part may come out; what is further away is a fault.
    private static let believable = -15.0...115.0

    /// Takes dig_H1 and the bytes from 0xE1 on; throws `.badCalibration` where those are blank.
    init(h1: UInt8, _ bytes: [UInt8]) throws(SensorError) {
        guard bytes.count >= 7 else {
            throw SensorError(.shortRead, "\(bytes.count) bytes of trimming data are too few")
        }
        guard !isBlank(bytes[..<7]) else {
            throw SensorError(.badCalibration, "the humidity's trimming data are blank")
        }
        digH1 = Double(h1)
        digH2 = Double(Int16(bitPattern: littleEndianWord(bytes, 0)))
        digH3 = Double(bytes[2])
        // Two signed numbers of 12 bits share the byte at 0xE5; H4 has its low nibble, H5 its high one.
        digH4 = Double(Int16(Int8(bitPattern: bytes[3])) << 4 | Int16(bytes[4] & 0x0F))
        digH5 = Double(Int16(Int8(bitPattern: bytes[5])) << 4 | Int16(bytes[4] >> 4))
        digH6 = Double(Int8(bitPattern: bytes[6]))
    }

    /// The relative humidity in percent, unlimited.
    func percent(adcH: UInt16, fineTemperature: Double) -> Double {
        let h = fineTemperature - 76800
        let slope =
            digH2 / 65536 * (1 + digH6 / 67_108_864 * h * (1 + digH3 / 67_108_864 * h))
        let v = (Double(adcH) - (digH4 * 64 + digH5 / 16384 * h)) * slope
        return v * (1 - digH1 * v / 524_288)
    }

    /// The humidity of a code: limited to 0…100 % and flagged where it is little beyond, failed where it is far beyond.
    func measurement(adcH: UInt16, fineTemperature: Double) -> Measurement {
        guard adcH != Self.notMeasuredCode else {
            return Measurement(.relativeHumidity, failed: .notMeasured)
        }
        let percent = percent(adcH: adcH, fineTemperature: fineTemperature)
        guard !(0...100 ~= percent) else { return Measurement(.relativeHumidity, percent) }
        guard Self.believable ~= percent else {
            var failed = Measurement(.relativeHumidity, failed: .outOfRange)
            // Said of a refused value, too: the formula left 0…100 %.
            failed.flags = [.humidityClamped]
            return failed
        }
        return Measurement(.relativeHumidity, percent < 0 ? 0 : 100, flags: [.humidityClamped])
    }
}
