// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

/// What is collected for one system call, where the socket takes no more.
@Suite("A server that takes nothing", .enabled(if: Programs.areUsable, Programs.reason))
struct StalledTests {
    /// More than the buffers of both sockets hold.
    private static let payload = [UInt8](repeating: 7, count: 200_000)
    private static let count = 100

    @Test("20 MB arrive whole when it goes on", .timeLimit(.minutes(10))) func resumed() async throws {
        let broker = try Broker(extra: "max_inflight_messages 0\nmax_queued_messages 0")
        let transport = MosquittoTransport()
        _ = try await transport.connect(broker.credentials())
        broker.pause()
        try await withThrowingTaskGroup { group in
            for _ in 0..<Self.count {
                group.addTask { try await transport.publish(Self.payload, to: "stalled") }
            }
            await turns(of: transport)
            broker.resume()
            try await group.waitForAll()
        }
        try await transport.publish([1], to: "after")
        await transport.disconnect()
    }

    @Test("A disconnect ends it in its time, and each publisher learns it", .timeLimit(.minutes(10)))
    func disconnected() async throws {
        let broker = try Broker()
        var options = MosquittoOptions()
        options.disconnectTimeout = .milliseconds(100)
        let transport = MosquittoTransport(options: options)
        _ = try await transport.connect(broker.credentials())
        broker.pause()
        let lost = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<Self.count {
                group.addTask {
                    do throws(TransportError) {
                        try await transport.publish(Self.payload, to: "stalled")
                        return false
                    } catch {
                        // The second one, where it came to its turn after the end only.
                        return error.code == .connectionLost || error.code == .notConnected
                    }
                }
            }
            await turns(of: transport)
            await transport.disconnect()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(lost == Self.count)
    }

    /// Lets the transport's thread come round often enough to fill the socket.
    private func turns(of transport: MosquittoTransport) async {
        for _ in 0..<100 { await Task(executorPreference: transport.preferredExecutor) {}.value }
    }
}
