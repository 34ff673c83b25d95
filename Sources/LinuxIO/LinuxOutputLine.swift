// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CGPIO
import Glibc
package import HardwareIO

/// A GPIO line held as an output through libgpiod, from its request until this object goes away.
package final class LinuxOutputLine: OutputLine {
    /// The line and its device file, for error texts.
    package let location: String
    private let output: OpaquePointer

    /// Finds the line, then requests it as an output that is inactive from the first moment on.
    ///
    /// Throws `.notFound` with the chips or lines that exist, `.busy` with the holder, `.permission` with what is missing.
    init(_ address: LineAddress, _ use: LineUse, chips: GPIOChips) throws(BusError) {
        let place = try chips.place(of: address)
        let location = "\(address) (\(place.path) offset \(place.offset))"
        var requested: OpaquePointer?
        _ = try systemCall(
            "request as output", at: location, advice: { chips.advice(forRequest: $0, at: place) }
        ) {
            requested = cgpio_request_output(place.path, place.offset, use.consumer, use.activeLow, false)
            return requested == nil ? -1 : 0
        }
        guard let requested else {
            throw BusError(.inputOutput, operation: "request as output", location: location)
        }
        self.location = location
        output = requested
    }

    deinit { cgpio_release(output) }

    /// Drives the line; active is a logical value.
    package func set(active: Bool) throws(BusError) {
        _ = try systemCall("set level", at: location, advice: GPIOChips.advice) {
            Int(cgpio_set(output, active))
        }
    }

    /// Reads the logical value back from the line.
    package func isActive() throws(BusError) -> Bool {
        try systemCall("read level", at: location, advice: GPIOChips.advice) { Int(cgpio_get(output)) } == 1
    }
}
