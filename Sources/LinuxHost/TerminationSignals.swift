// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc

/// A request to end.
package enum TerminationSignal: String, Sendable, Hashable {
    case interrupt = "SIGINT"
    case terminate = "SIGTERM"
}

/// SIGTERM and SIGINT as a sequence.
///
/// A handler writes them to a pipe. Blocking them and reading a `signalfd` does not work under an asynchronous `main`:
/// libdispatch then parks a thread with every signal unblocked, and that one gets them.
package enum TerminationSignals {
    /// Keeps SIGTERM and SIGINT from ending the process and ignores SIGPIPE.
    ///
    /// Call it early in `main`. A SIGINT that was ignored at the start, as in a shell's background job, stays ignored.
    package static func capture() throws(HostError) { _ = try captured() }

    /// The signals, each time one arrives; have only one such stream at a time, for a signal is delivered once.
    ///
    /// A signal that came after ``capture()`` and before this call is the first element.
    package static func stream() throws(HostError) -> AsyncStream<TerminationSignal> {
        let descriptor = try captured()
        let watch = try DescriptorWatch()
        let (stream, continuation) = AsyncStream.makeStream(
            of: TerminationSignal.self, bufferingPolicy: .bufferingNewest(8))
        continuation.onTermination = { _ in watch.stop() }
        try watch.start(descriptor) {
            switch clinuxhost_read_signal(descriptor) {
            case SIGINT: continuation.yield(.interrupt)
            case SIGTERM: continuation.yield(.terminate)
            case -1: return false
            default: break
            }
            return true
        } ended: {
            continuation.finish()
        }
        return stream
    }

    private static func captured() throws(HostError) -> CInt {
        let descriptor = clinuxhost_capture_termination_signals()
        guard descriptor >= 0 else { throw HostError("sigaction", errno: errno) }
        return descriptor
    }
}
