// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The calibration of a simulated BMP180, with the data sheet's integer formulas and their inversion.
///
/// BST-BMP180-DS000, 3.5, whose example's numbers these are. In 64 bits nothing wraps around.
struct BMP180ModelCalibration {
    private let ac1: Int64 = 408
    private let ac2: Int64 = -72
    private let ac3: Int64 = -14383
    private let ac4: Int64 = 32741
    private let ac5: Int64 = 32757
    private let ac6: Int64 = 23153
    private let b1: Int64 = 6190
    private let b2: Int64 = 4
    private let mb: Int64 = -32768
    private let mc: Int64 = -8711
    private let md: Int64 = 2868

    /// The registers from 0xAA to 0xBF: eleven words, the most significant byte first.
    var bytes: [UInt8] {
        [ac1, ac2, ac3, ac4, ac5, ac6, b1, b2, mb, mc, md]
            .flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }

    private func x1(ut: Int64) -> Int64 { ((ut - ac6) * ac5) >> 15 }

    /// B5, 1/160 °C.
    func b5(ut: Int64) -> Int64 {
        let x1 = x1(ut: ut)
        return x1 + md == 0 ? 0 : x1 + (mc << 11) / (x1 + md)
    }

    /// The temperature in 0.1 °C.
    func temperature(ut: Int64) -> Int64 { (b5(ut: ut) + 8) >> 4 }

    /// The pressure in Pa.
    func pressure(up: Int64, ut: Int64, oversampling: Int) -> Int64 {
        let oss = Int64(oversampling)
        let b6 = b5(ut: ut) - 4000
        let square = (b6 * b6) >> 12
        let b3 = (((ac1 * 4 + ((b2 * square) >> 11) + ((ac2 * b6) >> 11)) << oss) + 2) / 4
        let x3 = (((ac3 * b6) >> 13) + ((b1 * square) >> 16) + 2) >> 2
        let b4 = (ac4 * (x3 + 32768)) >> 15
        guard b4 != 0 else { return 0 }
        let b7 = (up - b3) * (50000 >> oss)
        let p = b7 < 0x8000_0000 ? b7 * 2 / b4 : b7 / b4 * 2
        let x1 = ((p >> 8) * (p >> 8) * 3038) >> 16
        return p + ((x1 + ((-7357 * p) >> 16) + 3791) >> 4)
    }

    /// The code of a temperature in °C; the first or the last one beyond what codes can express.
    func ut(celsius: Double) -> Int64 {
        let target = clamped(celsius * 160)
        // At and below the pole of B5's second term the formula means nothing.
        let first = firstCode(in: 0...0xFFFF) { x1(ut: $0) + md > 0 }
        return firstCode(in: first...0xFFFF) { b5(ut: $0) >= target }
    }

    /// The code of a pressure in Pa at the temperature with the code `ut`: 16 bits, and one more with each step of oss.
    func up(pascals: Double, ut: Int64, oversampling: Int) -> Int64 {
        let target = clamped(pascals)
        return firstCode(in: 0...((0x10000 << Int64(oversampling)) - 1)) {
            pressure(up: $0, ut: ut, oversampling: oversampling) >= target
        }
    }

    private func clamped(_ number: Double) -> Int64 {
        Int64(exactly: max(-1e9, min(1e9, number)).rounded()) ?? 0
    }
}
