// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Foundation
import IoTHub
import Secrets
import Testing

@testable import MosquittoTransport

@Suite("MosquittoTransport against the stock broker", .enabled(if: Programs.areUsable, Programs.reason))
struct BrokerTests {
    @Test("Connects, subscribes, publishes and receives its own message", .timeLimit(.minutes(10)))
    func roundTrip() async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        #expect(try await transport.connect(broker.credentials()) == false)
        try await transport.subscribe(to: ["$iothub/methods/POST/#", "devices/d/messages/devicebound/#"])
        let payload = Array(#"{"temperature":21.5}"#.utf8)
        try await transport.publish(payload, to: "$iothub/methods/POST/reboot/?$rid=1")
        var events = transport.events.makeAsyncIterator()
        guard case .message(let topic, let body) = await events.next() else {
            Issue.record("no message")
            return
        }
        #expect(topic == "$iothub/methods/POST/reboot/?$rid=1")
        #expect(body == payload)
        await transport.disconnect()
        await expect(.notConnected) { () throws(TransportError) in try await transport.publish([], to: "a") }
    }

    @Test(
        "An empty payload and one of 256 KiB arrive unchanged", .timeLimit(.minutes(10)),
        arguments: [0, 262_144])
    func sizes(count: Int) async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        _ = try await transport.connect(broker.credentials())
        try await transport.subscribe(to: ["size"])
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        try await transport.publish(payload, to: "size")
        var events = transport.events.makeAsyncIterator()
        guard case .message("size", let body) = await events.next() else {
            Issue.record("no message")
            return
        }
        #expect(body == payload)
        await transport.disconnect()
    }

    @Test("The session-present flag of CONNACK is returned", .timeLimit(.minutes(10)))
    func sessionPresent() async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        var credentials = broker.credentials(clientID: "kept")
        credentials.cleanSession = false
        #expect(try await transport.connect(credentials) == false)
        await transport.disconnect()
        #expect(try await transport.connect(credentials) == true)
        await transport.disconnect()
    }

    @Test("10,000 messages from 500 tasks are each acknowledged once", .timeLimit(.minutes(10)))
    func window() async throws {
        let broker = try Broker()
        var options = MosquittoOptions()
        options.window = 50
        let transport = MosquittoTransport(options: options)
        _ = try await transport.connect(broker.credentials())
        let acknowledged = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    for number in 0..<20 {
                        try await transport.publish(Array("\(number)".utf8), to: "window")
                    }
                    return 20
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(acknowledged == 10_000)
        await transport.disconnect()
    }

    @Test("3,000 messages that arrive many to a read of the socket all come out", .timeLimit(.minutes(10)))
    func burst() async throws {
        let broker = try Broker(extra: "max_inflight_messages 0\nmax_queued_messages 0")
        var options = MosquittoOptions()
        options.window = 1000
        options.eventLimit = 4000
        let reader = MosquittoTransport(options: options)
        _ = try await reader.connect(broker.credentials(clientID: "reader"))
        try await reader.subscribe(to: ["burst"])
        let writer = MosquittoTransport(options: options)
        _ = try await writer.connect(broker.credentials(clientID: "writer"))
        // The reader's thread stands still until everything has been sent, so that it all waits in the socket.
        let sent = DispatchSemaphore(value: 0)
        let pause = Task(executorPreference: reader.preferredExecutor) { Self.block(until: sent) }
        try await withThrowingTaskGroup { group in
            for number in 0..<3000 {
                group.addTask { try await writer.publish(Array("\(number)".utf8), to: "burst") }
            }
            try await group.waitForAll()
        }
        sent.signal()
        await pause.value
        var seen: Set<String> = []
        for await case .message(_, let payload) in reader.events {
            seen.insert(String(decoding: payload, as: UTF8.self))
            if seen.count == 3000 { break }
        }
        #expect(seen.count == 3000)
        await writer.disconnect()
        await reader.disconnect()
    }

    private static func block(until semaphore: DispatchSemaphore) { semaphore.wait() }

    @Test("A topic with a wildcard is refused, and the connection lives on", .timeLimit(.minutes(10)))
    func invalidTopic() async throws {
        let broker = try Broker()
        let transport = MosquittoTransport()
        _ = try await transport.connect(broker.credentials())
        for topic in ["a/#", "a/+/b", ""] {
            await expect(.invalidMessage) { () throws(TransportError) in
                try await transport.publish([1], to: topic)
            }
        }
        await expect(.invalidMessage) { () throws(TransportError) in
            try await transport.subscribe(to: ["a/#/b"])
        }
        try await transport.publish([1], to: "a")
        await transport.disconnect()
    }

    @Test("Wrong credentials end in the return code of CONNACK", .timeLimit(.minutes(10)))
    func refused() async throws {
        let passwords = try Certificates.shared().directory.appendingPathComponent("passwords")
        try "".write(to: passwords, atomically: true, encoding: .utf8)
        let broker = try Broker(extra: "password_file \(passwords.path)")
        let transport = MosquittoTransport()
        var credentials = broker.credentials()
        credentials.userName = "somebody"
        credentials.password = Secret("not-this-one")
        let wrong = credentials
        let message = await expect(.refused(returnCode: 5)) { () throws(TransportError) in
            _ = try await transport.connect(wrong)
        }
        #expect(message.contains("not authorised") && !message.contains("not-this-one"))
    }

    @Test(
        "A newer connection of the same client ends the older, which is reported once",
        .timeLimit(.minutes(10)))
    func takeover() async throws {
        let broker = try Broker()
        let (first, second) = (MosquittoTransport(), MosquittoTransport())
        _ = try await first.connect(broker.credentials(clientID: "twin"))
        _ = try await second.connect(broker.credentials(clientID: "twin"))
        var events = first.events.makeAsyncIterator()
        guard case .closed(let error) = await events.next() else {
            Issue.record("no end reported")
            return
        }
        #expect(error.code == .connectionLost)
        try await second.publish([1], to: "alive")
        await second.disconnect()
    }

    @Test("More messages than anybody reads end the connection with overflow", .timeLimit(.minutes(10)))
    func overflow() async throws {
        let broker = try Broker()
        var options = MosquittoOptions()
        options.eventLimit = 8
        let transport = MosquittoTransport(options: options)
        let sender = MosquittoTransport()
        _ = try await transport.connect(broker.credentials())
        _ = try await sender.connect(broker.credentials())
        try await transport.subscribe(to: ["flood"])
        for number in 0..<32 { try await sender.publish([UInt8(number)], to: "flood") }
        // Who read before all of it was here might keep up.
        while (try? await transport.publish([1], to: "alive")) != nil {}
        var received = 0
        for await event in transport.events {
            guard case .closed(let error) = event else {
                received += 1
                continue
            }
            #expect(error.code == .overflow)
            break
        }
        #expect((8...10).contains(received))
        await sender.disconnect()
    }
}
