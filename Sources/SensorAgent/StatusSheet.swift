// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import PlugAndPlay
import Quantities
import ThermostatControl

/// The running agent on one screen.
struct StatusSheet {
    /// The text, without a newline at its end.
    let text: String

    /// Describes an agent.
    init(_ status: AgentStatus) {
        let kind = status.isSimulated ? ", simulated" : ""
        let own = [
            ["agent", "sensor-agent \(status.version), up for \(status.uptime.inWords)\(kind)"],
            ["hub", Self.hub(status.hub)], ["outbox", Self.outbox(status.outbox)],
        ]
        let clock = status.clock.map { [["clock", $0.text]] } ?? []
        let messages = status.messages.map { [["today", Self.messages($0)]] } ?? []
        let disk = status.disk.map { [["disk", $0.text]] } ?? []
        let certificate = status.certificate.map { [["cert", $0.text]] } ?? []
        var parts = [Self.table(own + clock + messages + disk + certificate)]
        let table = ReadingTable(status.sensors)
        if !status.sensors.isEmpty {
            parts.append(([table.header] + table.lines(status.sensors)).joined(separator: "\n"))
        }
        parts.append(Self.table(status.thermostats.map { ["\($0.id)", Self.thermostat($0)] }))
        text = parts.joined(separator: "\n\n")
    }

    private static func table(_ rows: [[String]]) -> String {
        TextLayout.table(rows.map { $0.map(TextLayout.printable) }, indent: 0)
    }

    private static func hub(_ hub: AgentStatus.Hub) -> String {
        let age = hub.age.map { " for \($0.inWords)" } ?? ""
        let place = hub.host.map { " \($0)" } ?? ""
        let device = hub.deviceID.map { " as \($0)" } ?? ""
        // The reason of a connection that stands would only repeat its place.
        let reason = hub.reason.isEmpty || hub.state == "online" ? "" : ". \(hub.reason)"
        return "\(hub.state)\(age)\(place.isEmpty ? "" : ":")\(place)\(device)\(reason)"
    }

    private static func outbox(_ outbox: AgentStatus.Outbox) -> String {
        var words = ["\(outbox.waiting) messages wait"]
        if outbox.aside > 0 { words.append("\(outbox.aside) of them rest because they end connections") }
        if outbox.dropped > 0 { words.append("\(outbox.dropped) older ones gave way") }
        if outbox.refused > 0 { words.append("\(outbox.refused) could never be sent") }
        words.append("\(outbox.sent) sent")
        let trouble = outbox.trouble.map { ". \($0)" } ?? ""
        return words.joined(separator: ", ") + trouble
    }

    private static func messages(_ account: MessageAccount.Statement) -> String {
        let limit = account.limit.map { " of \($0.grouped)" } ?? ""
        let slowed = account.isSlowed ? "; telemetry is slowed down so that the day fits" : ""
        let skipped = account.skipped == 0 ? "" : "; \(account.skipped.grouped) were not sent"
        return "\(account.used.grouped)\(limit) billable messages (UTC day)\(slowed)\(skipped)"
    }

    private static func thermostat(_ report: ThermostatReport) -> String {
        let target = "target \(decimal(report.target, places: 1)) °C"
        guard let relay = report.relay else { return "\(target). \(report.sentence)" }
        let kind = relay.isReal ? "real" : "simulated"
        return """
            \(target), mode \(report.mode.rawValue), \(kind) relay \(ThermostatSheet.relay(relay)). \(report.sentence)
            """
    }
}
