// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import PlugAndPlay
import ThermostatControl

/// A thermostat as people read it: a sentence, and a table below it.
struct ThermostatSheet {
    /// The text, without a newline at its end.
    let text: String

    /// Describes a thermostat.
    init(_ report: ThermostatReport, showsPastFaults: Bool) {
        let heading = TextLayout.paragraph(
            TextLayout.printable(report.sentence), label: "\(report.id): ",
            column: report.id.rawValue.count + 2)
        let rows = Self.rows(report) + Self.faults(report, showsPastFaults)
        text = heading + "\n" + TextLayout.table(rows.map { $0.map(TextLayout.printable) })
    }

    private static func rows(_ report: ThermostatReport) -> [[String]] {
        var rows = [["reading", reading(report)]]
        if let celsius = report.celsius, celsius != report.reading?.celsius {
            rows.append(["acts on", "\(degrees(celsius)), of both sensors the one that asks for less energy"])
        }
        let limits = report.limits
        rows.append([
            "target",
            "\(degrees(report.target)), allowed are \(decimal(limits.lowerBound, places: 1)) to "
                + degrees(limits.upperBound),
        ])
        guard let relay = report.relay else {
            return rows + [["relay", "none: name its line in [\(report.id).relay] of agent.toml"]]
        }
        let band = report.band.map { "on at \(degrees($0.on)), off at \(degrees($0.off))" }
        rows += [
            ["band", band ?? "none, because the mode is off"], ["mode", report.mode.rawValue],
            ["state", report.state.rawValue], ["reason", report.reason],
            ["timer", report.remaining.map { "\($0.inWords) left" } ?? "none runs"],
            ["relay", Self.relay(relay)], ["output", "\(relay.line), \(Self.kind(relay))"],
            ["life", life(relay)],
        ]
        let change = report.lastChange.map { "\($0.age.inWords) ago: \($0.cause)" }
        return rows + [["changed", change ?? "not since the agent started"]]
    }

    private static func reading(_ report: ThermostatReport) -> String {
        guard let sensor = report.sensor else {
            return "none: it has no sensor, name one in [\(report.id)] sensor of agent.toml"
        }
        let second = report.second.map { ", checked by \($0)" } ?? ""
        guard let reading = report.reading else { return "none of \(sensor) since the start\(second)" }
        return "\(degrees(reading.celsius)) of \(sensor), \(reading.age.inWords) ago\(second)"
    }

    private static func faults(_ report: ThermostatReport, _ showsPast: Bool) -> [[String]] {
        let past = report.faults.filter { !$0.isPresent }
        var rows = report.faults.filter(\.isPresent).map { fault in
            [
                "fault",
                "\(fault.code.rawValue) for \(fault.age.inWords): \(fault.text); it ends \(fault.code.ending)",
            ]
        }
        if showsPast {
            rows += past.map { fault in
                let end = "over for \((fault.clearedAge ?? .zero).inWords): \(fault.clearedBy)"
                let start = fault.since ?? "\(fault.age.inWords) ago"
                return ["past", "\(fault.code.rawValue) from \(start): \(fault.text); \(end)"]
            }
        } else if !past.isEmpty {
            let text =
                past.count == 1
                ? "1 fault that is over: see it" : "\(past.count) faults that are over: see them"
            rows.append(["past", text + " with --faults"])
        }
        return rows
    }

    private static func life(_ relay: ThermostatReport.Relay) -> String {
        let wear = decimal(relay.wear * 100, places: 1)
        return
            "switched on \(relay.cycles) times, on for \(relay.onTime.inWords), \(wear) % of its rated cycles"
    }

    private static func degrees(_ celsius: Double) -> String { "\(decimal(celsius, places: 1)) °C" }

    /// What the relay is told and what its line reads.
    static func relay(_ relay: ThermostatReport.Relay) -> String {
        let command = relay.isCommandedOn ? "on" : "off"
        let reads = relay.readBack.map { $0 ? "reads on" : "reads off" } ?? "cannot be read"
        return "commanded \(command), \(reads)"
    }

    /// Whether anything hangs on the line.
    static func kind(_ relay: ThermostatReport.Relay) -> String {
        relay.isReal ? "real" : "simulated: nothing real is switched"
    }
}
