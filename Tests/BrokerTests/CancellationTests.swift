// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("Cancellation", .enabled(if: Programs.areUsable, Programs.reason))
struct CancellationTests {
    /// The hang lasts two minutes, which is more than the limit of this test.
    @Test(
        "A connect that hangs in SYN or in the handshake is given up at once and does not delay the next one",
        .timeLimit(.minutes(1)), arguments: [true, false])
    func connect(inSYN: Bool) async throws {
        let broker = try Broker()
        let socket = try LoopbackSocket()
        defer { socket.close() }
        if inSYN { socket.swallowConnections() } else { socket.listenSilently() }
        let transport = MosquittoTransport()
        var credentials = broker.credentials()
        credentials.port = socket.port
        let hanging = credentials
        let attempt = Task { () async -> TransportError.Code? in
            do throws(TransportError) {
                _ = try await transport.connect(hanging)
                return nil
            } catch {
                return error.code
            }
        }
        try await Task.sleep(for: .milliseconds(200))
        attempt.cancel()
        #expect(await attempt.value == .cancelled)
        _ = try await transport.connect(broker.credentials())
        try await transport.publish([1], to: "alive")
        await transport.disconnect()
    }

    @Test("A disconnect ends a connect that hangs in SYN at once", .timeLimit(.minutes(1)))
    func disconnectInSYN() async throws {
        let socket = try LoopbackSocket()
        defer { socket.close() }
        socket.swallowConnections()
        var options = MosquittoOptions()
        // Later than the limit of this test, so that only the disconnect can end it.
        options.connectTimeout = .seconds(300)
        let transport = MosquittoTransport(options: options)
        var credentials = try Broker().credentials()
        credentials.port = socket.port
        let hanging = credentials
        let attempt = Task {
            await expect(.connectionLost) { () throws(TransportError) in
                _ = try await transport.connect(hanging)
            }
        }
        // Nobody tells that it hangs: a disconnect that comes before it does ends nothing, so that more follow.
        let ending = Task {
            while (try? await Task.sleep(for: .milliseconds(200))) != nil { await transport.disconnect() }
        }
        _ = await attempt.value
        ending.cancel()
    }

    @Test("A connect that hangs in SYN runs into the deadline", .timeLimit(.minutes(10)))
    func deadlineInSYN() async throws {
        let socket = try LoopbackSocket()
        defer { socket.close() }
        socket.swallowConnections()
        var options = MosquittoOptions()
        options.connectTimeout = .milliseconds(200)
        let transport = MosquittoTransport(options: options)
        var credentials = try Broker().credentials()
        credentials.port = socket.port
        let hanging = credentials
        await expect(.timedOut) { () throws(TransportError) in _ = try await transport.connect(hanging) }
        await transport.disconnect()
    }

    @Test(
        "A task that was cancelled before the call gets cancelled, for every call", .timeLimit(.minutes(10)))
    func beforehand() async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        _ = try await transport.connect(broker.credentials())
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in gate {}
            await expect(.cancelled) { () throws(TransportError) in try await transport.publish([1], to: "a")
            }
            await expect(.cancelled) { () throws(TransportError) in try await transport.subscribe(to: ["a"]) }
            await transport.disconnect()
        }
        task.cancel()
        open.finish()
        await task.value
    }
}
