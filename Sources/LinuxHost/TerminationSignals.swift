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
package enum TerminationSignals {
    /// Blocks SIGTERM and SIGINT and ignores SIGPIPE.
    ///
    /// Call it first in `main`, before any thread exists: threads inherit the mask of the one that made them. So do
    /// child processes.
    package static func block() throws(HostError) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        let result = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard result == 0 else { throw HostError("pthread_sigmask", errno: result) }
        // A shell starts background jobs with SIGINT ignored, and an ignored signal reaches no descriptor; that is kept.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signals, each time one arrives; have only one such stream, for a signal is delivered once.
    ///
    /// A signal that came after ``block()`` and before this call is the first element.
    package static func stream() throws(HostError) -> AsyncStream<TerminationSignal> {
        let descriptor = clinuxhost_open_termination_signals()
        guard descriptor >= 0 else { throw HostError("signalfd", errno: errno) }
        let watch: DescriptorWatch
        let (stream, continuation) = AsyncStream.makeStream(
            of: TerminationSignal.self, bufferingPolicy: .bufferingNewest(8))
        do throws(HostError) {
            watch = try DescriptorWatch()
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
                close(descriptor)
                continuation.finish()
            }
        } catch {
            close(descriptor)
            throw error
        }
        return stream
    }
}
