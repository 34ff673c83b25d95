// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StateStore
import ThermostatControl

extension ControlLoop {
    /// One thermostat with its relay and what is known of it.
    struct Station {
        let setup: StationSetup
        var thermostat: Thermostat
        var driver: RelayDriver?
        var ledger: RelayLedger
        var decision: Decision?
        var change: (at: ContinuousClock.Instant, cause: String)?
        var rememberedAt: ContinuousClock.Instant
        var toldFaults: [Fault] = []
        var history = TemperatureHistory()
        var hasMemory: Bool
        /// Whether somebody has chosen the mode by command; else the configuration's holds at the next start.
        var hasChosenMode: Bool
        /// Whether somebody has set the target, or given it back to the site's default, in this run.
        var isTargetDecided = false
        /// Whether a person has ended latches and lock-outs in this run.
        var wasReset = false

        /// Begins with the relay off; without a `memory` as `unknown` says.
        init(
            _ setup: StationSetup, _ driver: RelayDriver?, _ memory: ThermostatMemory?, boot: Boot,
            at now: Now,
            unknown: RestoredThermostat = RestoredThermostat()
        ) {
            self.setup = setup
            self.driver = driver
            let restored = memory.map { Self.restored($0, setup, boot, now) } ?? unknown
            thermostat = Thermostat(setup.settings, restored: restored, startedAt: now)
            ledger = RelayLedger(cycles: memory?.cycles ?? 0, onTime: memory?.onTime ?? .zero)
            rememberedAt = now.monotonic
            hasMemory = memory?.target != nil
            hasChosenMode = restored.mode != nil
        }

        /// What a memory says to this thermostat.
        static func restored(
            _ memory: ThermostatMemory, _ setup: StationSetup, _ boot: Boot, _ now: Now
        ) -> RestoredThermostat {
            var restored = memory.restored(
                bootID: boot.id, now: now.monotonic, sinceBoot: boot.start.duration(to: now.monotonic))
            // What was chosen for a relay that is gone says nothing of the next one.
            if setup.relay == nil { restored.mode = nil }
            return restored
        }

        /// The remembered target and the one in its place, °C, where it had to be limited.
        func limitedTarget(of memory: ThermostatMemory?) -> (wanted: Double, target: Double)? {
            guard let wanted = memory?.target, thermostat.hasLimitedTarget else { return nil }
            return (wanted, thermostat.target)
        }
    }
}
