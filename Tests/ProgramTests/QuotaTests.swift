// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// The running agent near the end of its hub's day.
@Suite("The end of the hub's day, program against hub", .timeLimit(.minutes(10))) struct QuotaTests {
    private static let limit = 100
    /// More than can go out before the slow-down is felt: what is under way is counted when it is acknowledged.
    private static let backlog = 500
    /// The most that is under way at once, and a few of the rest of the day.
    private static let underWay = 70
    /// Whether the hub's day lasts long enough: minutes before midnight UTC, what is left of it is soon free to spend.
    private static var isDayLong: Bool {
        86_400 - Date().timeIntervalSince1970.truncatingRemainder(dividingBy: 86_400) > 900
    }

    private func status(_ rig: Rig) async throws -> [String: Any] {
        let asking = try rig.ask("status", "--json")
        let (code, lines) = await asking.result()
        try #require(code == 0, "\(lines)")
        let value = try JSONSerialization.jsonObject(with: Data(try #require(lines.first).utf8))
        return try #require(value as? [String: Any])
    }

    /// Asks until the answer is as it has to become, and in between waits for samples: each question starts a program.
    private func status(
        _ rig: Rig, following samples: AgentProcess, until isSo: ([String: Any]) -> Bool
    ) async throws -> [String: Any] {
        while true {
            let now = try await status(rig)
            if isSo(now) { return now }
            for _ in 0..<5 { try #require(await samples.line(with: "sensors") != nil) }
        }
    }

    private func number(_ status: [String: Any], _ part: String, _ name: String) -> Int {
        (status[part] as? [String: Any])?[name] as? Int ?? -1
    }

    @Test(
        "It slows down before the day is used up, says so once, counts what it skips, and replays no more",
        .enabled(if: isDayLong, "the day of UTC is about to end"))
    func slowsDown() async throws {
        try await Rig.with { rig in
            await rig.hub.setFault(Fault(.refuseConnect(code: 3)))
            let agent = try rig.start(
                rig.lasting,
                [
                    "run", "--simulate", "--set", "telemetry.interval=100ms", "--set",
                    "hub.longest-wait=200ms",
                    "--set", "telemetry.replay-rate=100", "--set", "hub.daily-messages=\(Self.limit)",
                ])
            #expect(await agent.line(with: "onnecting") != nil, "\(agent.output)")
            // More than the day takes; nothing was sent yet, so that nothing is skipped.
            let samples = try rig.ask("read", "--watch", "--json", "simulated1")
            var now = try await status(rig, following: samples) {
                number($0, "outbox", "waiting") >= Self.backlog
            }
            #expect(number(now, "messages", "skipped") == 0 && number(now, "messages", "used") < 5)

            await rig.hub.clearFaults()
            now = try await status(rig, following: samples) { number($0, "messages", "skipped") >= 60 }
            #expect((now["messages"] as? [String: Any])?["slowed"] as? Bool == true)
            #expect(number(now, "messages", "limit") == Self.limit)
            let (waiting, count) = (number(now, "outbox", "waiting"), await rig.hub.telemetry().count)
            #expect(waiting > Self.backlog / 4, "the rest waits")
            #expect(count >= Self.limit * 8 / 10)

            // What follows is skipped or waits; to spend the rest of the day takes until midnight.
            let skipped = number(now, "messages", "skipped")
            now = try await status(rig, following: samples) {
                number($0, "messages", "skipped") >= skipped + 200
            }
            #expect(await rig.hub.telemetry().count <= count + Self.underWay)
            #expect(number(now, "outbox", "waiting") >= waiting - Self.underWay)
            let sheet = try rig.ask("status")
            // Long rows go on below.
            let text = await sheet.result().lines.joined(separator: " ").split(separator: " ").joined(
                separator: " ")
            #expect(text.contains("telemetry is slowed down") && text.contains("were not sent"), "\(text)")
            // The hub's day has room for what matters more.
            #expect(try await rig.call("reboot", 1).status == 202)
            await rig.stop(agent)
            #expect(agent.output.split(separator: "\n").count { $0.contains("telemetry slows down") } == 1)
        }
    }
}
