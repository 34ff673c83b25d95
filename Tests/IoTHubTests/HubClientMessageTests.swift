// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import StrictJSON
import TestClocks
import Testing

@testable import IoTHub

@Suite(.timeLimit(.minutes(10))) struct HubClientMessageTests {
    @Test("A message has its component, marks and creation time")
    func message() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            try await reader.state(.online)
            try await harness.client.send(
                TelemetryMessage(
                    component: "thermostat1", body: .json(["temperature": 21.5]),
                    createdAt: WallTime(millisecondsSince1970: 1_714_979_289_123), messageID: "m-1",
                    properties: [.init(name: "simulated", value: "true")]))
        }
        let sent = try #require(await harness.hub.messages(to: "devices/").first)
        #expect(
            sent.topic == "devices/dev1/messages/events/%24.mid=m-1&%24.ct=application%2Fjson&%24.ce=utf-8"
                + "&%24.sub=thermostat1&iothub-creation-time-utc=2024-05-06T07%3A08%3A09.123Z&simulated=true")
        #expect(sent.text == #"{"temperature":21.5}"#)
    }

    @Test("What the hub would close the connection for is refused before")
    func invalid() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            try await reader.state(.online)
            let tooLong = TelemetryMessage(
                body: .bytes(Array(repeating: 0, count: 262_145), contentType: nil, contentEncoding: nil))
            let notFinite = TelemetryMessage(body: .json(["temperature": .double(.nan)]))
            let longTopic = TelemetryMessage(
                body: .json(1), properties: [.init(name: "x", value: String(repeating: " ", count: 30_000))])
            for message in [tooLong, notFinite, longTopic] {
                let error = await #expect(throws: HubError.self) { try await harness.client.send(message) }
                #expect(error?.code == .invalidMessage)
                #expect(error?.isRetryable == false)
            }
            await #expect(throws: HubError.self) {
                _ = try await harness.client.report(["a": .double(.infinity)])
            }
            await #expect(throws: HubError.self) { _ = try await harness.client.report(5) }
        }
        #expect(await harness.hub.messages(to: "devices/").isEmpty)
    }

    @Test("Without a connection a message is refused at once and may be repeated")
    func offline() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = [.fail(.unreachable)] }
        try await harness.run { reader in
            try await reader.state(.offline)
            let error = await #expect(throws: HubError.self) {
                try await harness.client.send(TelemetryMessage(body: .json(1)))
            }
            #expect(error?.code == .offline)
            #expect(error?.isRetryable == true)
            await #expect(throws: HubError.self) { _ = try await harness.client.report(["a": 1]) }
        }
    }

    @Test("A lost connection fails what was under way, which may be repeated")
    func lost() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure {
            $0.holdsTelemetry = true
            $0.patchScript = [.silence]
        }
        try await harness.run { reader in
            try await reader.state(.online)
            let message = Task { try await harness.client.send(TelemetryMessage(body: .json(1))) }
            let report = Task { try await harness.client.report(["a": 1]) }
            await harness.hub.wait { hub in
                !hub.messages(to: "devices/").isEmpty && !hub.messages(to: "$iothub/twin/PATCH").isEmpty
            }
            await harness.hub.drop()
            let first = await #expect(throws: HubError.self) { try await message.value }
            #expect(first?.code == .connectionLost)
            let second = await #expect(throws: HubError.self) { _ = try await report.value }
            #expect(second?.code == .connectionLost)
        }
    }

    @Test("A hub that acknowledges nothing is left and found again")
    func noAcknowledgement() async throws {
        let harness = try ClientHarness { $0.tokenLifetime = .seconds(86_400) }
        await harness.hub.configure { $0.holdsTelemetry = true }
        try await harness.run { reader in
            _ = try await reader.twin()
            let message = Task { try await harness.client.send(TelemetryMessage(body: .json(1))) }
            await harness.hub.wait { !$0.messages(to: "devices/").isEmpty }
            await harness.step()
            await #expect(throws: HubError.self) { try await message.value }
            #expect(try await reader.state(.offline).contains("has not acknowledged"))
            #expect(harness.time.elapsed == .seconds(60))
            await harness.step()
            try await reader.state(.online)
        }
    }

    @Test("A renewal waits for what is under way and loses none of 1000 messages", arguments: [true, false])
    func renewal(acknowledgesInTime: Bool) async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.holdsTelemetry = true }
        try await harness.run { reader in
            _ = try await reader.twin()
            try await withThrowingTaskGroup(of: Void.self) { group in
                // The limit for acknowledgements must not come before the renewal.
                await harness.time.advanceToRenewal(of: harness.client)
                for number in Int64(0)..<1_000 {
                    group.addTask {
                        try await harness.client.send(
                            TelemetryMessage(body: .json(.int(number)), messageID: "\(number)"))
                    }
                }
                await harness.hub.wait { $0.messages(to: "devices/").count == 1_000 }
                await harness.step()
                try await reader.state(.renewing)
                let late = Task { try await harness.client.send(TelemetryMessage(body: .json(.int(1_000)))) }
                if acknowledgesInTime {
                    await harness.hub.releaseTelemetry()
                } else {
                    await harness.hub.configure { $0.holdsTelemetry = false }
                    await harness.step()
                }
                try await reader.state(.online)
                try await late.value
                try await group.waitForAll()
            }
        }
        let numbers = await harness.hub.messages(to: "devices/").map(\.text)
        #expect(Set(numbers).count == 1_001)
        #expect(numbers.count == (acknowledgesInTime ? 1_001 : 2_001))
        let connects = await harness.hub.connects
        #expect(connects.count == 2)
        #expect(connects[0].password != connects[1].password)
    }

    @Test("A renewal comes before the end of the token and is spread", arguments: 0..<50)
    func renewalTime(seed: UInt64) async throws {
        let harness = try ClientHarness(seed: seed)
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.step()
            try await reader.state(.renewing)
            try await reader.state(.online)
            #expect((.seconds(3_420) ... .seconds(3_480)).contains(harness.time.elapsed))
        }
    }

    @Test("A renewal that fails lets the waiting go with an error that may be repeated")
    func failedRenewal() async throws {
        let harness = try ClientHarness { $0.tokenLifetime = .seconds(10) }
        await harness.hub.configure { $0.connectScript = [.accept, .fail(.unreachable)] }
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.configure { $0.patchScript = [.silence] }
            let report = Task { try await harness.client.report(["a": 1]) }
            await harness.hub.wait { !$0.messages(to: "$iothub/twin/PATCH").isEmpty }
            await harness.step()
            try await reader.state(.renewing)
            let late = Task { try await harness.client.send(TelemetryMessage(body: .json(1))) }
            await harness.step()
            try await reader.state(.offline)
            let first = await #expect(throws: HubError.self) { try await late.value }
            #expect(first?.isRetryable == true)
            let second = await #expect(throws: HubError.self) { _ = try await report.value }
            #expect(second?.isRetryable == true)
            await harness.step()
            try await reader.state(.online)
        }
    }

    @Test("A report that a renewal cuts off is sent again by itself")
    func reportAcrossRenewal() async throws {
        let harness = try ClientHarness { $0.tokenLifetime = .seconds(10) }
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.configure { $0.patchScript = [.silence] }
            let report = Task { try await harness.client.report(["a": 1]) }
            await harness.hub.wait { !$0.messages(to: "$iothub/twin/PATCH").isEmpty }
            await harness.step()
            try await reader.state(.renewing)
            await harness.step()
            #expect(try await report.value == 2)
        }
        #expect(await harness.hub.messages(to: "$iothub/twin/PATCH").count == 2)
    }

    @Test("Stopping lets what is under way finish, but not for ever", arguments: [true, false])
    func stopDrains(acknowledges: Bool) async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.holdsTelemetry = true }
        let running = Task { await harness.client.run() }
        var reader = EventReader(client: harness.client)
        _ = try await reader.twin()
        let message = Task { try await harness.client.send(TelemetryMessage(body: .json(1))) }
        await harness.hub.wait { !$0.messages(to: "devices/").isEmpty }
        async let stopped: Void = harness.client.stop()
        while await !harness.client.session.isDraining { await Task.yield() }
        if acknowledges {
            await harness.hub.releaseTelemetry()
        } else {
            await harness.step()
        }
        await stopped
        await running.value
        let result = await message.result
        #expect(((try? result.get()) != nil) == acknowledges)
        #expect(await harness.hub.disconnects == 1)
        #expect(harness.time.elapsed <= .seconds(2))
    }
}

extension SteppedTime {
    /// Moves the clocks to just before the client renews its token.
    func advanceToRenewal(of client: HubClient) async {
        let deadline = await client.session.nextDeadline
        guard let deadline else { return }
        // The failure count of a fresh connection makes no deadline, so this one is the renewal's.
        advance(to: deadline.advanced(by: .seconds(-1)))
    }
}
