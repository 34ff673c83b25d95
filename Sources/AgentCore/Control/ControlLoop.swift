// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import ThermostatControl
import ThreadExecutor

/// The thermostats: gets every reading first and never waits for store or cloud.
package actor ControlLoop {
    /// A new temperature of one thermostat.
    package struct Temperature: Sendable, Hashable {
        /// Whose temperature it is.
        package var thermostat: ThermostatID
        /// The temperature, °C.
        package var celsius: Double
        /// When it was taken.
        package var takenAt: Now
        /// Whether a model made it.
        package var isSimulated: Bool
    }

    private struct Station {
        var sensor: SensorName?
        var thermostat: Thermostat
        var history = TemperatureHistory()
    }

    private nonisolated let executor = ThreadExecutor(name: "control")
    private var stations: [ThermostatID: Station] = [:]
    private let isSimulated: Bool

    /// The executor of the control thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes both thermostats; `sensors` names the sensor of each that has one.
    ///
    /// Unless the whole installation `isSimulated`, a stand-in's readings are passed on but not remembered.
    package init(
        sensors: [ThermostatID: SensorName], isSimulated: Bool, limits: TargetLimits = .withoutRelay
    ) {
        self.isSimulated = isSimulated
        for id in ThermostatID.allCases {
            stations[id] = Station(sensor: sensors[id], thermostat: Thermostat(limits: limits))
        }
    }

    deinit { executor.shutdown() }

    /// Takes a reading; returns what it means for each thermostat that uses its sensor.
    package func record(_ reading: Reading) -> [Temperature] {
        guard let celsius = reading.good(.temperature) else { return [] }
        return ThermostatID.allCases.filter { stations[$0]?.sensor == reading.sensor }.map { id in
            if reading.source.isSimulated == isSimulated {
                stations[id]?.thermostat.record(celsius: celsius, takenAt: reading.takenAt)
                stations[id]?.history.record(celsius: celsius, at: reading.takenAt.monotonic)
            }
            return Temperature(
                thermostat: id, celsius: celsius, takenAt: reading.takenAt,
                isSimulated: reading.source.isSimulated)
        }
    }

    /// Puts a target back in force that an earlier run had accepted; a later acceptance wins.
    package func restore(target: Double, of id: ThermostatID) -> Double {
        guard let limits = stations[id]?.thermostat.limits else { return target }
        let restored = Thermostat(limits: limits, restoredTarget: target)
        _ = stations[id]?.thermostat.apply(ThermostatSettings(target: restored.target))
        return restored.target
    }

    /// Judges settings and puts accepted ones in force; returns the verdict and the target then in force, °C.
    package func apply(_ settings: ThermostatSettings, to id: ThermostatID) -> (Verdict, target: Double) {
        guard let verdict = stations[id]?.thermostat.apply(settings),
            let target = stations[id]?.thermostat.target
        else { return (.rejected(reason: "there is no such thermostat"), 0) }
        return (verdict, target)
    }

    /// The target in force, °C.
    package func target(of id: ThermostatID) -> Double? { stations[id]?.thermostat.target }

    /// What the samples of a thermostat taken at or after `start` amount to.
    package func summary(of id: ThermostatID, since start: ContinuousClock.Instant) -> TemperatureHistory
        .Summary?
    {
        stations[id]?.history.summary(since: start)
    }
}
