// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation
import StrictJSON
import TestClocks
import Testing

@testable import IoTHub

@Suite(.timeLimit(.minutes(10))) struct HubClientTwinTests {
    private static let patchTopic = "$iothub/twin/PATCH/properties/desired/?$version="

    @Test("A throttled, failing or silent twin read is repeated while messages flow")
    func retriedRead() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure {
            $0.getScript = [
                .status(429), .status(500, body: #"{"errorCode":500001,"message":"oops"}"#), .silence,
                .status(404),
                .status(200, body: "no twin"), .silence,
            ]
            $0.desired = #"{"thermostat1":{"__t":"c","targetTemperature":21.5},"$version":4}"#
        }
        try await harness.run { reader in
            try await reader.state(.syncing)
            try await harness.client.send(TelemetryMessage(body: .json(1)))
            #expect(try await reader.state(.syncing).contains("429"), "and it says what it waits for")
            // Each wait is one step of the clock: five back-offs and two silences, each followed by a back-off.
            for count in 2...7 {
                while await harness.hub.messages(to: "$iothub/twin/GET").count < count {
                    await harness.step()
                }
            }
            let twin = try await reader.twin()
            #expect(twin.desiredVersion == 4)
            #expect(twin.desired["thermostat1"]?["targetTemperature"]?.doubleValue == 21.5)
            #expect(twin.desired["$version"] == nil)
        }
        #expect(await harness.hub.connects.count == 1)
        #expect(harness.lines.all.contains { $0.contains("error 500001") })
    }

    @Test("Three requests in a row without answer make it connect anew")
    func silence() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.getScript = [.silence, .silence, .silence] }
        try await harness.run { reader in
            try await reader.state(.syncing)
            // Silence, wait, silence, wait, silence.
            for _ in 0..<5 { await harness.step() }
            #expect(try await reader.state(.offline).contains("unanswered"))
            await harness.step()
            _ = try await reader.twin()
        }
    }

    @Test("Patches that arrive during the read come after it, once, in order, without the ones it contains")
    func racing() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure {
            $0.desired = #"{"a":5,"$version":5}"#
            $0.patchesBeforeAnswer = [7, 5, 6, 4, 6].map {
                ("\(Self.patchTopic)\($0)", #"{"a":\#($0),"$version":\#($0)}"#)
            }
        }
        try await harness.run { reader in
            #expect(try await reader.twin().desiredVersion == 5)
            try await reader.expect(.desired(DesiredPatch(version: 6, changes: ["a": 6])))
            try await reader.expect(.desired(DesiredPatch(version: 7, changes: ["a": 7])))
            await harness.hub.push("\(Self.patchTopic)7", #"{"a":7,"$version":7}"#)
            await harness.hub.push("\(Self.patchTopic)8", #"{"a":null,"$version":8}"#)
            try await reader.expect(.desired(DesiredPatch(version: 8, changes: ["a": .null])))
        }
    }

    @Test("A missed patch makes it read the twin again")
    func gap() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.configure { $0.desired = #"{"a":3,"$version":3}"# }
            await harness.hub.push("\(Self.patchTopic)3", #"{"a":3,"$version":3}"#)
            #expect(try await reader.twin().desiredVersion == 3)
            await harness.hub.push("$iothub/twin/PATCH/properties/desired/", #"{"a":4,"$version":4}"#)
            try await reader.expect(.desired(DesiredPatch(version: 4, changes: ["a": 4])))
            await harness.hub.configure { $0.desired = #"{"a":5,"$version":5}"# }
            await harness.hub.push("$iothub/twin/PATCH/properties/desired/", "not JSON")
            #expect(try await reader.twin().desiredVersion == 5)
        }
    }

    @Test("Reports go out one after the other, in order, with the hub's version as result")
    func reports() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            _ = try await reader.twin()
            #expect(try await harness.client.report(["a": 1]) == 2)
            #expect(try await harness.client.report(["b": ["__t": "c", "x": 2.5]]) == 3)
        }
        let sent = await harness.hub.messages(to: "$iothub/twin/PATCH").map(\.text)
        #expect(sent == [#"{"a":1}"#, #"{"b":{"__t":"c","x":2.5}}"#])
    }

    @Test(
        "Only one report is under way; throttled, failed and silent ones are sent again, a rejected one is not"
    )
    func serialReports() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure {
            $0.patchScript = [
                .status(429), .silence, .status(503), .good,
                .status(400, body: #"{"errorCode":400004,"trackingId":"t-1","message":"bad key"}"#),
            ]
        }
        try await harness.run { reader in
            _ = try await reader.twin()
            let first = Task { try await harness.client.report(["n": 1]) }
            await harness.hub.wait { $0.messages(to: "$iothub/twin/PATCH").count == 1 }
            let second = Task { try await harness.client.report(["n": 2]) }
            while await harness.hub.messages(to: "$iothub/twin/PATCH").count < 4 {
                await harness.step()
            }
            #expect(try await first.value == 2)
            let error = await #expect(throws: HubError.self) { _ = try await second.value }
            #expect(error?.code == .rejected(status: 400))
            #expect(error?.message.contains("error 400004, \"bad key\", tracking id t-1") == true)
            #expect(error?.isRetryable == false)
        }
        let sent = await harness.hub.messages(to: "$iothub/twin/PATCH").map(\.text)
        #expect(sent == Array(repeating: #"{"n":1}"#, count: 4) + [#"{"n":2}"#])
    }

    @Test("Commands arrive with component, name and payload, and are answered under their id")
    func commands() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.push(
                "$iothub/methods/POST/thermostat1*getMaxMinReport/?$rid=a7f", #""2024-05-06""#)
            guard case .command(let request) = try await reader.content() else {
                Issue.record("no command")
                return
            }
            #expect((request.component, request.name) == ("thermostat1", "getMaxMinReport"))
            #expect(try request.argument() == "2024-05-06")
            try await harness.client.respond(to: request, status: 404, body: ["error": "no sample"])
            await #expect(throws: HubError.self) {
                try await harness.client.respond(to: request, status: 20, body: .null)
            }
        }
        let answers = await harness.hub.messages(to: "$iothub/methods/res/")
        #expect(answers.map(\.topic) == ["$iothub/methods/res/404/?$rid=a7f"])
        #expect(answers.map(\.text) == [#"{"error":"no sample"}"#])
    }

    @Test("No argument has three forms", arguments: ["", "null", #""""#])
    func noArgument(payload: String) throws {
        let request = CommandRequest(requestID: "1", methodName: "reboot", payload: Array(payload.utf8))
        #expect(try request.argument() == nil)
        #expect(throws: JSONError.self) {
            try CommandRequest(requestID: "1", methodName: "reboot", payload: [0x7B]).argument()
        }
    }

    @Test("Commands that come before the subscriptions are confirmed are kept")
    func earlyCommand() async throws {
        var session = HubSession(
            configuration: try ClientHarness.configuration(), random: SeededGenerator.source(seed: 1))
        let now = SteppedTime(wall: .beginning).now()
        _ = session.handle(.start, at: now)
        _ = session.handle(.message(topic: "$iothub/methods/POST/reboot/?$rid=1", payload: []), at: now)
        _ = session.handle(.connected(step: session.step), at: now)
        let actions = session.handle(.subscribed(step: session.step), at: now)
        let commands = actions.compactMap { action in
            if case .emit(.command(let request)) = action { request } else { nil }
        }
        #expect(commands == [CommandRequest(requestID: "1", methodName: "reboot", payload: [])])
    }

    @Test("A reader that falls behind gets the whole twin later, and commands are refused rather than lost")
    func slowReader() async throws {
        let harness = try ClientHarness()
        let count = HubClient.eventCapacity + 40
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.configure { $0.desired = #"{"a":1,"$version":\#(count + 1)}"# }
            for number in 2...(count + 1) {
                await harness.hub.push("\(Self.patchTopic)\(number)", #"{"a":1,"$version":\#(number)}"#)
            }
            await harness.hub.push("$iothub/methods/POST/reboot/?$rid=9", "")
            await harness.hub.wait { !$0.messages(to: "$iothub/methods/res/503/?$rid=9").isEmpty }
            for number in 2...(HubClient.eventCapacity + 1) {
                let expected = DesiredPatch(version: Int64(number), changes: ["a": 1])
                try await reader.expect(.desired(expected))
            }
            await harness.step()
            #expect(try await reader.twin().desiredVersion == Int64(count + 1))
        }
    }

    @Test("Cloud-to-device messages come only where asked for")
    func cloudMessages() async throws {
        let harness = try ClientHarness { $0.receivesCloudMessages = true }
        try await harness.run { reader in
            _ = try await reader.twin()
            await harness.hub.push("devices/dev1/messages/devicebound/a=1&b", "hello")
            let expected = CloudMessage(properties: ["a": "1", "b": nil], body: Array("hello".utf8))
            try await reader.expect(.cloudMessage(expected))
        }
        #expect(await harness.hub.subscriptions.first?.last == "devices/dev1/messages/devicebound/#")
    }
}
