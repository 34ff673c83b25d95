// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Commands, program against hub", .timeLimit(.minutes(10)))
struct CommandTests {
    private func time(_ offset: TimeInterval) -> JSON {
        .string(
            Date(timeIntervalSinceNow: offset).formatted(
                Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }

    @Test("getMaxMinReport tells the extremes of what was sent, for the thermostat that was asked")
    func report() async throws {
        try await Rig.with { rig in
            let begun = Date()
            let agent = try rig.start(rig.connectionString)
            await rig.expect("four samples each", of: agent) { hub in
                ["thermostat1", "thermostat2"].allSatisfy { name in
                    hub.telemetry().count { $0.component == name } >= 4
                }
            }
            for name in ["thermostat1", "thermostat2"] {
                let answer = try await rig.call("\(name)*getMaxMinReport", time(-600))
                #expect(answer.status == 200)
                let sent = await rig.hub.telemetry().filter { $0.component == name }
                    .compactMap { $0.json?["temperature"]?.double }
                let (maximum, minimum) = (try #require(sent.max()), try #require(sent.min()))
                // The newest sample may be in the report and still on its way to the hub.
                #expect(try #require(answer.payload["maxTemp"]?.double) >= maximum)
                #expect(try #require(answer.payload["minTemp"]?.double) <= minimum)
                let average = try #require(answer.payload["avgTemp"]?.double)
                #expect((minimum - 0.5...maximum + 0.5).contains(average))
                let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
                let start = try Date(try #require(answer.payload["startTime"]?.string), strategy: format)
                let end = try Date(try #require(answer.payload["endTime"]?.string), strategy: format)
                #expect(start < end)
                // The samples that were waited for are as old as the machine is busy, and no older.
                #expect(end > begun && end <= Date())
            }
            await rig.stop(agent)
        }
    }

    @Test(
        "Every wrong argument and unknown command is answered with its reason, and the next one still works")
    func refusals() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("a sample", of: agent) { !$0.telemetry().isEmpty }
            let wrong: [(String, JSON?, Int)] = [
                ("thermostat1*getMaxMinReport", nil, 400), ("thermostat1*getMaxMinReport", .null, 400),
                ("thermostat1*getMaxMinReport", "", 400), ("thermostat1*getMaxMinReport", 7, 400),
                ("thermostat1*getMaxMinReport", "tomorrow", 400),
                ("thermostat1*getMaxMinReport", time(3600), 400),
                ("thermostat2*getMaxMinReport", ["since": "x"], 400), ("reboot", -1, 400),
                ("reboot", 3601, 400),
                ("reboot", "5", 400), ("reboot", 2.5, 400), ("nosuch", .null, 404),
                ("thermostat9*getMaxMinReport", time(-5), 404), ("thermostat1*reboot", nil, 404),
            ]
            for (method, payload, status) in wrong {
                let answer = try await rig.call(method, payload)
                #expect(answer.status == status, "\(method) \(String(describing: payload))")
                #expect(answer.payload["error"]?.string?.isEmpty == false)
            }
            for payload: JSON? in [nil, .null, "", 0, 3600] {
                #expect(try await rig.call("reboot", payload).status == 202)
            }
            #expect(try await rig.call("thermostat1*getMaxMinReport", time(-600)).status == 200)
            await rig.stop(agent)
            #expect(agent.output.contains("Dry run: the machine would reboot in 5 s"))
        }
    }

    @Test("A span without samples is 404") func noSample() async throws {
        try await Rig.with { rig in
            let arguments = ["run", "--simulate", "--set", "telemetry.interval=1h"]
            let agent = try rig.start(rig.connectionString, arguments)
            await rig.expect("the first sample", of: agent) { $0.telemetry().count >= 2 }
            // At least one sample is older than now, and samples come every eight seconds.
            let answer = try await rig.call("thermostat1*getMaxMinReport", time(-0.001))
            #expect([404, 200].contains(answer.status))
            if answer.status == 404 {
                #expect(answer.payload["error"]?.string?.contains("no sample") == true)
            }
            await rig.stop(agent)
        }
    }

    @Test("Rebooting that is switched off is answered with 403") func rebootOff() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString, ["run", "--simulate", "--set", "reboot.mode=off"])
            #expect(try await rig.call("reboot", 5).status == 403)
            await rig.stop(agent)
        }
    }
}
