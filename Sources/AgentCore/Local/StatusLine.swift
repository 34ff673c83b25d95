// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import ThermostatControl

/// What the agent does, in one line for `systemctl status`.
///
/// No temperature and no remaining time is in it, so that it changes when something happens and not with every sample.
package enum StatusLine {
    /// The line for a connection in that state and these thermostats; those without sensor and relay are left out.
    package static func text(hub: String, _ thermostats: [ThermostatSnapshot]) -> String {
        (["hub \(hub)"] + thermostats.compactMap(part)).joined(separator: "; ")
    }

    private static func part(_ thermostat: ThermostatSnapshot) -> String? {
        let decision = thermostat.decision
        guard let relay = thermostat.relay else {
            guard thermostat.sensor != nil else { return nil }
            let sees = thermostat.latest == nil ? "no sample yet" : "measures, drives no relay"
            return "\(thermostat.id) \(sees)"
        }
        let kind = relay.isReal ? "" : " (simulated relay)"
        return "\(thermostat.id) \(decision.state.rawValue)\(why(decision))\(kind)"
    }

    private static func why(_ decision: Decision) -> String {
        switch decision.state {
        case .safe: decision.latch.map { ": \($0)" } ?? ""
        case .fault where !decision.faults.isEmpty:
            ": " + decision.faults.map(\.code.rawValue).joined(separator: ", ")
        case .fault: ": over, waits for the minimum off time"
        default: ""
        }
    }
}
