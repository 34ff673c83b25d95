// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The calibration of a BMP180 as numbers, and its formulas in floating point.
///
/// BST-BMP180-DS000, 3.4 and 3.5. The data sheet computes in integers, of which only the divisions are kept here and not
/// their rounding: the temperature has no steps of 0.1 °C, and absurd input gives a value out of range, no overflow.
struct BMP180Calibration: Sendable, Hashable {
    let ac1, ac2, ac3, ac4, ac5, ac6, b1, b2, mc, md: Double

    /// Takes the 22 bytes from 0xAA on: eleven words, the most significant byte first.
    ///
    /// Throws `.badCalibration` where one is 0x0000 or 0xFFFF, as the data sheet asks.
    init(_ bytes: [UInt8]) throws(SensorError) {
        guard bytes.count == 22 else {
            throw SensorError(.shortRead, "\(bytes.count) bytes of calibration are too few")
        }
        let words = stride(from: 0, to: 22, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        guard words.allSatisfy({ $0 != 0 && $0 != 0xFFFF }) else {
            throw SensorError(.badCalibration, "a word of the calibration is blank")
        }
        func unsigned(_ index: Int) -> Double { Double(words[index]) }
        func signed(_ index: Int) -> Double { Double(Int16(bitPattern: words[index])) }
        (ac1, ac2, ac3) = (signed(0), signed(1), signed(2))
        (ac4, ac5, ac6) = (unsigned(3), unsigned(4), unsigned(5))
        (b1, b2) = (signed(6), signed(7))
        // MB, the word between, is in no formula.
        (mc, md) = (signed(9), signed(10))
    }

    /// The fine temperature, 1/160 °C, that both formulas share; not finite where the formula has no result.
    func b5(ut: UInt16) -> Double {
        let x1 = (Double(ut) - ac6) * ac5 / 32768
        return x1 + mc * 2048 / (x1 + md)
    }

    /// The temperature in °C.
    static func celsius(b5: Double) -> Double { b5 / 160 }

    /// The pressure in Pa, unlimited; not finite where the formula has no result.
    func pascals(up: UInt32, oversampling: Int, b5: Double) -> Double {
        let samples = [1.0, 2, 4, 8][min(max(oversampling, 0), 3)]
        let b6 = b5 - 4000
        let square = b6 * b6 / 4096
        let b3 = (ac1 * 4 + b2 * square / 2048 + ac2 * b6 / 2048) * samples / 4
        let x3 = (ac3 * b6 / 8192 + b1 * square / 65536) / 4
        let b4 = ac4 * (x3 + 32768) / 32768
        let p = 2 * (Double(up) - b3) * (50000 / samples) / b4
        let x1 = (p / 256) * (p / 256) * 3038 / 65536
        return p + (x1 - 7357 * p / 65536 + 3791) / 16
    }
}
