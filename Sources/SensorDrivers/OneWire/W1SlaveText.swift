// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// The two lines that the kernel prints for a 1-Wire thermometer in `w1_slave`, taken apart and checked.
///
/// Linux: drivers/w1/slaves/w1_therm.c, `w1_slave_show`.
struct W1SlaveText {
    /// The nine bytes that the kernel read; valid by their CRC.
    let scratchpad: [UInt8]
    /// The temperature that the kernel computed, in thousandths of a °C.
    let millidegrees: Int

    /// Parses the whole content of the file.
    ///
    /// Throws `.empty` for no bytes, `.malformed` where the text contradicts its format or itself, `.crcMismatch` where the
    /// kernel said NO or the checksum is wrong, `.busError` for nine zero bytes, which a shorted line gives and the CRC
    /// cannot see.
    init(_ text: [UInt8]) throws(SensorError) {
        guard !text.isEmpty else {
            throw SensorError(
                .empty, "the kernel gave no data: its own retries failed, or the device is gone")
        }
        var scanner = ByteScanner(text)
        guard let first = scanner.hexBytes(9), scanner.skip(": crc="), let printed = scanner.hexByte(),
            scanner.skip(" "), let isGood = scanner.yesOrNo(), scanner.skip("\n"),
            let second = scanner.hexBytes(9), scanner.skip("t="), let millidegrees = scanner.integer(),
            scanner.skip("\n"), scanner.isAtEnd
        else {
            throw SensorError(.malformed, "the text is not two lines as the kernel writes them")
        }
        // On NO the second line holds older bytes and a temperature computed from the bad ones: neither is used.
        guard isGood else { throw SensorError(.crcMismatch, "the kernel found a wrong checksum") }
        guard first != Array(repeating: 0, count: 9) else {
            throw SensorError(.busError, "all bytes are zero: the data line is shorted to ground")
        }
        guard CRC8.maxim(first.prefix(8)) == first[8], printed == first[8] else {
            throw SensorError(.crcMismatch, "the checksum does not fit the bytes")
        }
        guard first == second else { throw SensorError(.malformed, "the two lines show different bytes") }
        self.scratchpad = first
        self.millidegrees = millidegrees
    }
}
