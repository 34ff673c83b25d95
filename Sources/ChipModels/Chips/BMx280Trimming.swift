// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The trimming data of a simulated BME280 or BMP280, with the data sheet's integer formulas and their inversion.
///
/// BST-BME280-DS002, 4.2.3; BST-BMP280-DS001, 3.11.3. With these numbers nothing exceeds 64 bits, whatever the code.
struct BMx280Trimming {
    /// T1…T3 and P1…P9 of the example in BST-BMP280-DS001, 3.12.
    private let digT: [Int64] = [27504, 26435, -1000]
    private let digP: [Int64] = [36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000]
    /// H1…H6 as real parts have them; no example is published.
    private let digH: [Int64] = [75, 362, 0, 323, 50, 30]

    /// The codes of 20 bits.
    private static let codes: ClosedRange<Int64> = 0...0xFFFFF

    /// The registers from 0x88 to 0xA1; without the humidity's byte, as a BMP280 has them, to 0x9F.
    func bytes(withHumidity: Bool) -> [UInt8] {
        let words = (digT + digP).flatMap {
            [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
        return withHumidity ? words + [0, UInt8(truncatingIfNeeded: digH[0])] : words
    }

    /// The registers from 0xE1 to 0xE7.
    var humidityBytes: [UInt8] {
        let (h2, h3, h4, h5, h6) = (digH[1], digH[2], digH[3], digH[4], digH[5])
        return [h2, h2 >> 8, h3, h4 >> 4, (h4 & 0x0F) | ((h5 << 4) & 0xF0), h5 >> 4, h6]
            .map(UInt8.init(truncatingIfNeeded:))
    }

    /// t_fine, 1/5120 °C.
    func fineTemperature(adcT: Int64) -> Int64 {
        let linear = (((adcT >> 3) - (digT[0] << 1)) * digT[1]) >> 11
        let offset = (adcT >> 4) - digT[0]
        return linear + ((((offset * offset) >> 12) * digT[2]) >> 14)
    }

    /// The pressure in Pa/256.
    func pressure(adcP: Int64, fineTemperature: Int64) -> Int64 {
        let x = fineTemperature - 128_000
        let offset = x * x * digP[5] + ((x * digP[4]) << 17) + (digP[3] << 35)
        let factor = ((x * x * digP[2]) >> 8) + ((x * digP[1]) << 12)
        let slope = (((1 << 47) + factor) * digP[0]) >> 33
        guard slope != 0 else { return 0 }
        let p = (((1_048_576 - adcP) << 31) - offset) * 3125 / slope
        let square = (digP[8] * (p >> 13) * (p >> 13)) >> 25
        return ((p + square + ((digP[7] * p) >> 19)) >> 8) + (digP[6] << 4)
    }

    /// The relative humidity in %/2²², not limited as the data sheet's code does.
    func humidity(adcH: Int64, fineTemperature: Int64) -> Int64 {
        let u = fineTemperature - 76_800
        let raw = ((adcH << 14) - (digH[3] << 20) - (digH[4] * u) + 16384) >> 15
        let tilt = ((((u * digH[5]) >> 10) * (((u * digH[2]) >> 11) + 32768)) >> 10) + 2_097_152
        let v = raw * ((tilt * digH[1] + 8192) >> 14)
        return v - (((((v >> 15) * (v >> 15)) >> 7) * digH[0]) >> 4)
    }

    /// The code of a temperature in °C; the first or the last one beyond what codes can express.
    func adcT(celsius: Double) -> Int64 {
        let target = clamped(celsius * 5120)
        return firstCode(in: Self.codes) { fineTemperature(adcT: $0) >= target }
    }

    /// The code of a pressure in Pa at the temperature with the code `adcT`.
    func adcP(pascals: Double, adcT: Int64) -> Int64 {
        let (fine, target) = (fineTemperature(adcT: adcT), clamped(pascals * 256))
        // The code falls as the pressure rises.
        return firstCode(in: Self.codes) { pressure(adcP: $0, fineTemperature: fine) <= target }
    }

    /// The code of a relative humidity in percent at the temperature with the code `adcT`.
    func adcH(percent: Double, adcT: Int64) -> Int64 {
        let (fine, target) = (fineTemperature(adcT: adcT), clamped(percent * 4_194_304))
        return firstCode(in: 0...0xFFFF) { humidity(adcH: $0, fineTemperature: fine) >= target }
    }

    private func clamped(_ number: Double) -> Int64 {
        Int64(exactly: max(-1e15, min(1e15, number)).rounded()) ?? 0
    }
}
