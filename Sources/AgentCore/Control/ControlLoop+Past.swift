// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
import Quantities
package import StateStore
import ThermostatControl

extension ControlLoop {
    /// Asks for every relay's line and drives it off, before anything is known of the past and before the first tick.
    ///
    /// A line that is refused is asked for again by the ticks, which tell of it.
    package func switchOff() {
        for id in ThermostatID.allCases { stations[id]?.driver?.driveOff() }
    }

    /// Begins with what an earlier run has left; to be called before the first tick.
    package func begin(with memories: [ThermostatID: ThermostatMemory]) {
        let now = time.now()
        for id in ThermostatID.allCases {
            guard let old = stations[id] else { continue }
            stations[id]?.driver = nil
            let station = Station(old.setup, old.driver, memories[id], boot: boot, at: now)
            stations[id] = station
            if let limited = station.limitedTarget(of: memories[id]) {
                sink.yield(.targetLimited(id, from: limited.wanted, to: limited.target))
            }
        }
    }

    /// Begins without what an earlier run has left, as it cannot be had now; to be called before the first tick.
    ///
    /// The whole minimum off time passes, and the whole lock-out, since one may have run. Nothing is told to be
    /// remembered before ``learn(_:)``, so that what is stored stays as it is.
    package func beginWithoutPast() {
        isPastUnknown = true
        let now = time.now()
        var unknown = RestoredThermostat()
        unknown.lockOut = .unknown
        for id in ThermostatID.allCases {
            guard let old = stations[id] else { continue }
            stations[id]?.driver = nil
            stations[id] = Station(old.setup, old.driver, nil, boot: boot, at: now, unknown: unknown)
        }
    }

    /// Takes up what an earlier run has left, after ``beginWithoutPast()``; what this run was told since stands.
    ///
    /// A latch is in force at once, and so is what is left of a lock-out, unless somebody has reset the thermostat. The off
    /// time goes on to count from the start.
    package func learn(_ memories: [ThermostatID: ThermostatMemory]) {
        guard isPastUnknown else { return }
        isPastUnknown = false
        for id in ThermostatID.allCases {
            learn(memories[id], of: id)
            handle(.tick, of: id)
            remember(id, at: time.now().monotonic)
        }
    }

    private func learn(_ memory: ThermostatMemory?, of id: ThermostatID) {
        guard var station = stations[id] else { return }
        stations[id]?.driver = nil
        let now = time.now()
        var restored = RestoredThermostat()
        if let memory { restored = Station.restored(memory, station.setup, boot, now) }
        if station.hasChosenMode { restored.mode = nil }
        if restored.mode != nil { station.hasChosenMode = true }
        if station.wasReset { restored.latch = nil }
        station.thermostat.learn(restored, at: now)
        station.ledger.add(cycles: memory?.cycles ?? 0, onTime: memory?.onTime ?? .zero)
        stations[id] = station
        if let target = memory?.target, target.isFinite, !station.isTargetDecided {
            // The hub was told another in the meantime.
            sink.yield(.targetSetHere(id, restore(target: target, of: id)))
        }
    }
}
