// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A failed call to the operating system: what, where, and the kernel's number.
package struct HostError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The C call, for example `signalfd`.
    package var operation: String
    /// The place, for example a path; empty where there is none.
    package var location: String
    /// The kernel's error number, or 0 where there was none.
    package var errno: Int32
    /// What a person can do about it, a full sentence; empty where nothing is known.
    package var advice: String

    /// Makes an error from its parts.
    package init(_ operation: String, location: String = "", errno: Int32 = 0, advice: String = "") {
        self.operation = operation
        self.location = location
        self.errno = errno
        self.advice = advice
    }

    /// The text that people read.
    package var description: String {
        let place = location.isEmpty ? "" : " on \(location)"
        let reason = errno == 0 ? "" : ": \(String(cString: strerror(errno))) (errno \(errno))"
        return "\(operation)\(place) failed\(reason)." + (advice.isEmpty ? "" : " \(advice)")
    }
}
