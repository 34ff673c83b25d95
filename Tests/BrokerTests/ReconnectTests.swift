// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("Reconnect", .enabled(if: Programs.areUsable, Programs.reason))
struct ReconnectTests {
    @Test("After kill -9 and restart the connection comes back, and the outage costs no processor time")
    func killed() async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        let credentials = broker.credentials()
        _ = try await transport.connect(credentials)
        var events = transport.events.makeAsyncIterator()
        for round in UInt8(0)..<2 {
            try await transport.publish([round], to: "before")
            let before = await transport.threadTime()
            broker.kill()
            guard case .closed(let error) = await events.next() else {
                Issue.record("no end reported")
                return
            }
            #expect(error.code == .connectionLost)
            await expect(.notConnected) { () throws(TransportError) in
                try await transport.publish([1], to: "a")
            }
            async let back: Void = transport.connectEventually(credentials)
            // An outage is time that passes; nothing is waited for here.
            try await Task.sleep(for: .milliseconds(1500))
            #expect(await transport.threadTime() - before < .milliseconds(200))
            try broker.start()
            try await back
            try await transport.publish([round], to: "after")
        }
        await transport.disconnect()
    }

    @Test("Publishers on their way and in the queue learn that the link dropped", .timeLimit(.minutes(10)))
    func waitingPublishers() async throws {
        let broker = try Broker()
        var options = MosquittoOptions()
        options.window = 1
        let transport = MosquittoTransport(options: options)
        _ = try await transport.connect(broker.credentials())
        // A stopped process acknowledges nothing, so one message is sent and nine wait.
        broker.pause()
        let codes = await withTaskGroup(of: TransportError.Code?.self) { group in
            for number in UInt8(0)..<10 {
                group.addTask {
                    do throws(TransportError) {
                        try await transport.publish([number], to: "stuck")
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))
            broker.kill()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.count == 10)
        #expect(codes.allSatisfy { $0 == .connectionLost || $0 == .notConnected })
    }

    @Test("200 reconnects leave no memory, thread or descriptor behind")
    func leaks() async {
        // In a process of its own, where nothing else allocates.
        await #expect(processExitsWith: .success) {
            let broker = try Broker()
            let transport = MosquittoTransport()
            var start = Usage()
            for round in 0..<220 {
                // Every other connection is replaced while it lives; the rest are closed in order.
                _ = try await transport.connect(broker.credentials())
                try await transport.publish([1], to: "round")
                if round % 2 == 0 { await transport.disconnect() }
                if round == 20 { start = Usage() }
            }
            let end = Usage()
            #expect(end.kilobytes - start.kilobytes < 2048, "\(start) to \(end)")
            #expect(end.descriptors <= start.descriptors + 3, "\(start) to \(end)")
            #expect(end.threads <= start.threads + 3, "\(start) to \(end)")
        }
    }
}

/// What this process holds.
private struct Usage {
    let kilobytes: Int
    let threads: Int
    let descriptors: Int

    init() {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        kilobytes = (pages.flatMap { Int($0[1]) } ?? 0) * sysconf(Int32(_SC_PAGESIZE)) / 1024
        threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
        descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}
