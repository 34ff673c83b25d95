// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Reported properties and targets, program against hub", .timeLimit(.minutes(10)))
struct ReportedTests {
    @Test("Everything of the model is reported at the start, true to this machine")
    func atStart() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("maxima and targets", of: agent) { hub in
                guard let reported = (try? hub.twin("d1"))?.reported.properties else { return false }
                return reported["deviceInformation"] != nil
                    && ["thermostat1", "thermostat2"].allSatisfy {
                        reported[$0]?["maxTempSinceLastReboot"]?.double != nil
                            && reported[$0]?["targetTemperature"]?["ac"] == 203
                    }
            }
            let reported = try await rig.reported()
            #expect(reported["serialNumber"]?.string?.isEmpty == false)
            let information = try #require(reported["deviceInformation"])
            #expect(information["__t"] == "c")
            #expect(information["processorArchitecture"]?.string == Self.architecture)
            let memory = try #require(information["totalMemory"]?.double)
            #expect(abs(memory - Double(ProcessInfo.processInfo.physicalMemory) / 1024) < 1024)
            #expect(try #require(information["totalStorage"]?.double) > 100_000)
            for name in ["manufacturer", "model", "swVersion", "osName", "processorManufacturer"] {
                #expect(information[name]?.string?.isEmpty == false, "\(name)")
            }
            #expect(reported["thermostat2"]?["targetTemperature"]?["av"] == 0)
            await rig.stop(agent)
        }
    }

    @Test("Targets are acknowledged, refused with the old value kept, and restored to the default")
    func targets() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("first report", of: agent) { $0.reportedTarget("thermostat2") != nil }
            try await rig.hub.updateTwin(
                "d1",
                desired: [
                    "thermostat1": ["__t": "c", "targetTemperature": 21.5, "colour": "red"],
                    "thermostat2": ["targetTemperature": -40], "fan": ["speed": 3],
                ])
            await rig.expect("both acks", of: agent) {
                $0.reportedTarget("thermostat1")?["ac"] == 200
                    && $0.reportedTarget("thermostat2")?["ac"] == 200
            }
            var target = try #require(await rig.hub.reportedTarget("thermostat1"))
            #expect(target["value"] == 21.5)
            #expect(target["av"] == 2)
            #expect(target["ad"]?.string?.isEmpty == false)
            let component = try #require(try await rig.reported()["thermostat1"])
            #expect(component["colour"] == nil)
            #expect(try await rig.reported()["fan"] == nil)

            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": "warm"]])
            await rig.expect("refusal of a text", of: agent) { $0.reportedTarget("thermostat1")?["av"] == 3 }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 125.1]])
            await rig.expect("refusal of 125.1", of: agent) { $0.reportedTarget("thermostat1")?["av"] == 4 }
            target = try #require(await rig.hub.reportedTarget("thermostat1"))
            #expect(target["ac"] == 400)
            #expect(target["value"] == 21.5)

            try await rig.hub.updateTwin("d1", desired: ["thermostat1": .null])
            await rig.expect("default restored", of: agent) { $0.reportedTarget("thermostat1")?["ac"] == 203 }
            target = try #require(await rig.hub.reportedTarget("thermostat1"))
            #expect(target["value"]?.double == 20)
            #expect(target["av"] == 0)
            await rig.stop(agent)
        }
    }

    @Test("An accepted target survives a restart and is not applied again; one made meanwhile is")
    func restart() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.connectionString)
            await rig.expect("first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23.25]])
            await rig.expect("ack", of: agent) { $0.reportedTarget("thermostat1")?["value"] == 23.25 }
            await rig.stop(agent)

            agent = try rig.start(rig.connectionString)
            #expect(await agent.line(with: "target 23.25 °C restored") != nil, "\(agent.output)")
            await rig.stop(agent)
            #expect(!agent.output.contains("accepted"), "\(agent.output)")

            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 24]])
            agent = try rig.start(rig.connectionString)
            await rig.expect("ack of the change made offline", of: agent) {
                $0.reportedTarget("thermostat1")?["value"]?.double == 24
            }
            await rig.stop(agent)
        }
    }

    @Test(
        "A target that the hub deleted follows the site's default, also one that is changed while the agent is away"
    )
    func newDefault() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.connectionString)
            await rig.expect("first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23.25]])
            await rig.expect("ack", of: agent) { $0.reportedTarget("thermostat1")?["value"] == 23.25 }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": .null]])
            await rig.expect("default", of: agent) {
                $0.reportedTarget("thermostat1")?["value"]?.double == 20
            }
            await rig.stop(agent)
            let variables = rig.connectionString.merging(["SENSOR_AGENT_THERMOSTAT1_TARGET": "18.5"]) { $1 }
            agent = try rig.start(variables)
            await rig.expect("the new default", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 18.5
                    && hub.reportedTarget("thermostat1")?["ac"] == 203
            }
            await rig.stop(agent)
        }
    }

    @Test(
        "A target of the hub that had to be limited at a start is still the hub's: judged again, and deleted by it"
    )
    func limitedTarget() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.connectionString)
            await rig.expect("first report", of: agent) { $0.reportedTarget("thermostat1") != nil }
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 29]])
            await rig.expect("ack", of: agent) { $0.reportedTarget("thermostat1")?["ac"] == 200 }
            await rig.stop(agent)

            let variables = rig.connectionString.merging(["SENSOR_AGENT_THERMOSTAT1_HIGHEST_TARGET": "25"]) {
                $1
            }
            try await rig.hub.updateTwin("d1", desired: ["thermostat2": ["targetTemperature": 19]])
            agent = try rig.start(variables)
            await rig.expect("the refusal", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 25
                    && hub.reportedTarget("thermostat1")?["ac"] == 400
            }
            #expect(agent.output.contains("was limited to 25.0 °C"), "\(agent.output)")
            await rig.stop(agent)

            try await rig.hub.updateTwin("d1", desired: ["thermostat1": .null])
            agent = try rig.start(variables)
            await rig.expect("the default", of: agent) { hub in
                hub.reportedTarget("thermostat1")?["value"]?.double == 20
                    && hub.reportedTarget("thermostat1")?["ac"] == 203
            }
            await rig.stop(agent)
        }
    }

    @Test("A twin answer of 429, 500 or none is asked for again", arguments: [429, 500])
    func twinErrors(status: Int) async throws {
        try await Rig.with { rig in
            await rig.hub.setFault(Fault(.twinStatus(.get, status: status), count: 2))
            await rig.hub.setFault(Fault(.twinStatus(.patch, status: status), count: 2))
            let agent = try rig.start(rig.connectionString)
            await rig.expect("report in the end", of: agent) {
                $0.reportedTarget("thermostat1") != nil
            }
            await rig.stop(agent)
        }
    }

    @Test("maxTempSinceLastReboot keeps its height over a restart of the agent in the same boot")
    func maximum() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.connectionString)
            await rig.expect("a maximum", of: agent) { Self.maximum($0) != nil }
            await rig.stop(agent)
            let before = try #require(await Self.maximum(rig.hub))
            let coldest = try #require(
                await rig.hub.telemetry().compactMap { $0.json?["temperature"]?.double }.min())
            #expect(before >= coldest)
            let count = await rig.hub.telemetry().count
            agent = try rig.start(rig.connectionString)
            await rig.expect("a second run", of: agent) { $0.telemetry().count > count + 2 }
            await rig.stop(agent)
            #expect(try #require(await Self.maximum(rig.hub)) >= before)
        }
    }

    private static func maximum(_ hub: isolated Hub) -> Double? {
        (try? hub.twin("d1"))?.reported.properties["thermostat1"]?["maxTempSinceLastReboot"]?.double
    }

    private static let architecture: String = {
        var information = utsname()
        uname(&information)
        return withUnsafeBytes(of: &information.machine) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }()
}
