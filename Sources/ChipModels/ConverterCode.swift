// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// The codes that the converters of the chip models give.
enum ConverterCode {
    /// The code nearest to `value` on a scale of `steps` steps that begins at `lowest` and is `span` long, from 0 to `top`.
    static func nearest(
        _ value: Double, from lowest: Double, span: Double, steps: Double, top: UInt32
    ) -> UInt32 {
        let code = ((value - lowest) / span * steps).rounded(.toNearestOrEven)
        guard code.isFinite else { return 0 }
        return UInt32(max(0, min(Double(top), code)))
    }

    /// The same for a converter of `bits` bits whose code stands at the left of a 16-bit word.
    static func leftAligned(_ value: Double, from lowest: Double, span: Double, bits: Int) -> UInt16 {
        let steps = UInt32(1) << UInt32(max(1, min(16, bits)))
        let code = nearest(value, from: lowest, span: span, steps: Double(steps), top: steps - 1)
        return UInt16(truncatingIfNeeded: code << UInt32(16 - max(1, min(16, bits))))
    }
}

extension Ambient {
    /// This, with what is no number taken from `other`.
    func finite(else other: Ambient) -> Ambient {
        Ambient(
            celsius: celsius.isFinite ? celsius : other.celsius,
            relativeHumidity: relativeHumidity.isFinite ? relativeHumidity : other.relativeHumidity,
            pascals: pascals.isFinite ? pascals : other.pascals)
    }

    /// Room temperature, for a chip whose surroundings were never a number.
    static let room = Ambient(celsius: 20)
}
