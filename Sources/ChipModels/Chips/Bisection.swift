// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The smallest code of `range` from which on `isReached` holds, or the last code where it never does.
///
/// Inverts a compensation formula that rises, or falls, with its code.
func firstCode(in range: ClosedRange<Int64>, where isReached: (Int64) -> Bool) -> Int64 {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
        let middle = low + (high - low) / 2
        if isReached(middle) { high = middle } else { low = middle + 1 }
    }
    return low
}
