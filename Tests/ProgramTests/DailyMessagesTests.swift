// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("The hub's messages of one day") struct DailyMessagesTests {
    private static let hub = [
        "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h;DeviceId=d;SharedAccessKey=AAAAAAAAAAAAAAAAAAAAAA=="
    ]

    @Test(
        "check computes them and says which interval fits",
        arguments: [
            (
                ["hub.tier=free"],
                "more than the 8,000 of the hub's tier. Set telemetry.interval to at least 33s"
            ),
            (
                ["hub.tier=free", "telemetry.interval=33s"],
                "about 7,977 billable a day, within the 8,000 of the hub's"
            ),
            (["hub.tier=S1"], "about 32,496 billable a day, within the 400,000 of the hub's tier."),
            (
                ["hub.daily-messages=1000"],
                "the 1,000 of hub.daily-messages. Set telemetry.interval to at least 287s"
            ),
            (
                ["hub.tier=free", "hub.daily-messages=100"],
                "the 100 of hub.daily-messages, whatever the interval"
            ),
            ([], "a free hub takes 8,000 in all. Set hub.tier to be warned."),
        ])
    func check(settings: [String], text: String) async throws {
        let folder = try TemporaryFolder()
        let agent = try AgentProcess(
            ["check"] + settings.flatMap { ["--set", $0] },
            environment: Self.hub.merging(["STATE_DIRECTORY": folder.url.path]) { $1 })
        let (status, lines) = await agent.result()
        // The column is wrapped.
        let words = lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(status == 0)
        #expect(words.contains(text), "\(words)")
    }

    @Test("run warns at the start where it is told that the day does not fit")
    func run() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString, ["run", "--simulate", "--set", "hub.tier=free"])
            let line = await agent.line(with: "billable messages a day")
            #expect(
                line?.contains("warning") == true && line?.contains("at least 33s") == true, "\(agent.output)"
            )
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 3 }
            await rig.stop(agent)
            let file = rig.folder.url.appendingPathComponent("agent/messages")
            let saved = try String(contentsOf: file, encoding: .utf8).split(separator: " ")
            #expect(saved.count == 2)
        }
    }
}
