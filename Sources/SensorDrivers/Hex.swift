// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// `value` in lower-case hex digits, padded to the width of its type.
func hex<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: Value.bitWidth / 4 - digits.count) + digits
}
