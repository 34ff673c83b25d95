// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("Reply", .timeLimit(.minutes(10)))
struct ReplyTests {
    @Test("The first result counts, whether it comes before or after the wait")
    func first() async throws {
        let early = Reply<Int>()
        early.resolve(.success(1))
        early.resolve(.success(2))
        #expect(try await early.value() == 1)
        for _ in 0..<500 {
            let reply = Reply<Int>()
            async let value = reply.value()
            async let other: Void = Task.detached { reply.resolve(.success(1)) }.value
            reply.resolve(.success(1))
            #expect(try await value == 1)
            await other
            #expect(reply.isDecided)
        }
    }

    @Test("Cancellation decides, and a later result changes nothing")
    func cancelled() async {
        let reply = Reply<Int>()
        let task = Task { () async -> TransportError.Code? in
            do throws(TransportError) {
                _ = try await reply.value()
                return nil
            } catch {
                return error.code
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        reply.resolve(.success(1))
    }
}
