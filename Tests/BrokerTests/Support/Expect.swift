// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import IoTHub
import MosquittoTransport
import Testing

/// Expects a transport error of this kind, and returns its message.
@discardableResult
func expect(
    _ code: TransportError.Code, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws(TransportError) -> Void
) async -> String {
    do {
        try await body()
        Issue.record("no error, expected \(code)", sourceLocation: sourceLocation)
        return ""
    } catch {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error.message
    }
}

extension MosquittoTransport {
    /// The processor time that this transport's thread has used.
    func threadTime() async -> Duration {
        await Task(executorPreference: preferredExecutor) {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }.value
    }

    /// Connects as often as needed, with a pause between attempts that doubles up to 400 ms.
    func connectEventually(_ credentials: HubCredentials) async throws {
        var pause = Duration.milliseconds(25)
        while true {
            do {
                _ = try await connect(credentials)
                return
            } catch let error where error.code == .cancelled {
                throw error
            } catch {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(400))
            }
        }
    }
}
