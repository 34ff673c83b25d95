// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import ThermostatControl

/// What a relay's configuration means, for people; the log and `check` say the same.
struct RelayText {
    let thermostat: ThermostatConfiguration
    let relay: RelayConfiguration
    /// The line on the board; `nil` where none is needed.
    let line: ResolvedLine?

    /// The line by the configuration's words and the kernel's.
    var place: String {
        guard let line else { return "\(relay.line)" }
        let address = "\(line.address)"
        return switch relay.line {
        case .board(let name): "\(name) (\(address))"
        case .chip: line.facts.map { "\(address) (\($0.name))" } ?? address
        }
    }

    /// Level, mode, targets and times.
    var terms: String {
        let limits = thermostat.limits
        let targets = "\(Self.number(limits.range.lowerBound)) to \(Self.number(limits.range.upperBound)) °C"
        let times = relay.gate
        var parts = [
            "mode \(thermostat.mode) and target \(Self.number(limits.siteDefault)) °C until others are chosen"
        ]
        if relay.activeLow { parts.insert("active low", at: 0) }
        parts += [
            "targets \(targets)",
            "\(relay.load.rawValue): on for \(DurationText.text(times.minimumOn)) to \(DurationText.text(times.maximumOn))",
            "off for at least \(DurationText.text(times.minimumOff))",
        ]
        return parts.joined(separator: ", ")
    }

    /// What the operator should know of the line before trusting it, full sentences.
    var warnings: [String] {
        var warnings: [String] = []
        if let reason = line?.facts?.unsafeReason {
            warnings.append(
                "Its line is marked as unsafe for a relay: \(reason). The wiring has to make up for that (docs/wiring.md)."
            )
        } else if line != nil, line?.facts == nil {
            warnings.append(
                "The board file says nothing of its line: find out what the line does before the agent starts."
            )
        }
        if relay.activeLow {
            warnings.append(
                "Its relay is active low: it is on whenever the line is low before the agent starts or after it ends "
                    + "(docs/wiring.md).")
        }
        return warnings
    }

    /// The shortest form of a temperature or difference.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : String(value)
    }
}
