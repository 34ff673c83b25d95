// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
package import RebootGuard
import ThermostatControl

extension ControlLoop {
    /// Keeps every relay off until ``release()``, over no restart, for a reason that is a clause for people.
    package func hold(_ reason: String) {
        for id in ThermostatID.allCases where stations[id]?.setup.relay != nil {
            stations[id]?.thermostat.hold = reason
            handle(.tick, of: id)
            if !isEnding, stations[id]?.driver?.readBack != false { stations[id]?.driver?.driveOff() }
        }
    }

    /// Ends what ``hold(_:)`` began; a relay still waits for its minimum off time.
    package func release() {
        for id in ThermostatID.allCases where stations[id]?.thermostat.hold != nil {
            stations[id]?.thermostat.hold = nil
            handle(.tick, of: id)
        }
    }

    /// In which phase a relay is that a reboot would cut short; `nil` where none is.
    package func criticalPhase(_ policy: RelayRespect) -> RebootConditions.CriticalPhase? {
        let now = time.now().monotonic
        for id in ThermostatID.allCases {
            guard let station = stations[id], station.setup.relay != nil, station.thermostat.relayIsOn else {
                continue
            }
            let minimum = station.setup.settings.gate.minimumOn
            let left = minimum - station.thermostat.relaySince.duration(to: now)
            switch policy {
            case .nothing: break
            case .minimumOn where left > .zero:
                return .init("The relay of \(id) is in its minimum on time", remaining: left)
            case .minimumOn: break
            case .relayOn:
                return .init("The relay of \(id) is on", remaining: left > .zero ? left : nil)
            }
        }
        return nil
    }
}

/// What of a relay a reboot respects.
package enum RelayRespect: String, Sendable, Hashable, CaseIterable {
    /// Nothing: it goes off.
    case nothing
    /// Its minimum on time.
    case minimumOn = "minimum-on"
    /// That it is on.
    case relayOn = "relay-on"
}
