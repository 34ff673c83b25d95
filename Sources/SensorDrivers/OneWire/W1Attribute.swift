// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities

/// Attributes of 1-Wire thermometers and their masters, besides the temperature itself.
///
/// Linux: Documentation/ABI/testing/sysfs-driver-w1_therm. Each function takes the whole content of the file and throws
/// `.empty` or `.malformed`; some files print a negative error number as text, which is thrown as what it means.
package enum W1Attribute {
    /// `resolution`: 9 to 14 bits.
    package static func resolution(_ text: [UInt8]) throws(SensorError) -> Int {
        try number(text, of: "resolution", in: 9...14)
    }

    /// `conv_time`: how long the kernel waits for a conversion.
    package static func conversionTime(_ text: [UInt8]) throws(SensorError) -> Duration {
        .milliseconds(try number(text, of: "conv_time", in: 0...60_000))
    }

    /// `ext_power`: whether the part has its own supply; without, completion cannot be polled.
    package static func hasExternalPower(_ text: [UInt8]) throws(SensorError) -> Bool {
        try number(text, of: "ext_power", in: 0...1) == 1
    }

    /// `features`: bit 0 rejects power-on values, bit 1 polls for completion.
    package static func features(_ text: [UInt8]) throws(SensorError) -> Int {
        try number(text, of: "features", in: 0...3)
    }

    /// `therm_bulk_read` of a master: −1 converting, 0 nothing pending, 1 done with results unread.
    package static func bulkState(_ text: [UInt8]) throws(SensorError) -> Int {
        var scanner = ByteScanner(try nonEmpty(text, "therm_bulk_read"))
        guard let state = scanner.integer(), scanner.skip("\n"), scanner.isAtEnd, -1...1 ~= state else {
            throw malformed("therm_bulk_read")
        }
        return state
    }

    /// `alarms`: the low and the high limit in °C.
    package static func alarms(_ text: [UInt8]) throws(SensorError) -> (low: Int, high: Int) {
        var scanner = ByteScanner(try nonEmpty(text, "alarms"))
        guard let low = scanner.integer(), scanner.skip(" "), let high = scanner.integer(),
            scanner.skip("\n"), scanner.isAtEnd
        else { throw malformed("alarms") }
        return (low, high)
    }

    private static func number(
        _ text: [UInt8], of attribute: String, in range: ClosedRange<Int>
    ) throws(SensorError) -> Int {
        var scanner = ByteScanner(try nonEmpty(text, attribute))
        guard let value = scanner.integer(), scanner.skip("\n"), scanner.isAtEnd else {
            throw malformed(attribute)
        }
        guard value >= 0 else {
            let kind = SensorErrorKind(BusError.Kind(linuxErrno: Int32(clamping: -value)))
            throw SensorError(kind, "\(attribute) reports error number \(-value)")
        }
        guard range ~= value else { throw malformed(attribute) }
        return value
    }

    private static func nonEmpty(_ text: [UInt8], _ attribute: String) throws(SensorError) -> [UInt8] {
        guard !text.isEmpty else { throw SensorError(.empty, "\(attribute) has no content") }
        return text
    }

    private static func malformed(_ attribute: String) -> SensorError {
        SensorError(.malformed, "\(attribute) does not hold what the kernel writes there")
    }
}
