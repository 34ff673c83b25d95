// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay
package import Quantities
package import ThermostatControl

/// What is known of one thermostat at one moment, as other programs get it.
package struct ThermostatReport: Sendable, Hashable {
    /// Which one.
    package var id: ThermostatID
    /// What it does and why, in one sentence.
    package var sentence: String
    /// What it does.
    package var state: ThermostatState
    /// Why, a word for programs: a fault's code, or what else decided.
    package var reason: String
    /// When the state ends by itself at the earliest; `nil` where no timer runs.
    package var remaining: Duration?
    /// The sensor that it is controlled by.
    package var sensor: SensorName?
    /// The sensor that checks it.
    package var second: SensorName?
    /// The last good temperature of the sensor; `nil` before the first.
    package var reading: Measured?
    /// The temperature that was acted on, °C; `nil` where none may be.
    package var celsius: Double?
    /// The target in force, °C.
    package var target: Double
    /// The targets that are allowed, °C.
    package var limits: ClosedRange<Double>
    /// The mode in force.
    package var mode: ThermostatMode
    /// Where the relay goes on and off, °C; `nil` in mode off.
    package var band: Decision.Band?
    /// Why the relay is off until a reset; `nil` where it is not.
    package var latch: String?
    /// The relay; `nil` where it drives nothing.
    package var relay: Relay?
    /// The last change of the relay; `nil` where there was none since the start.
    package var lastChange: Change?
    /// The last faults, oldest first.
    package var faults: [FaultReport]

    /// A temperature and its age.
    package struct Measured: Sendable, Hashable {
        /// The temperature, °C.
        package var celsius: Double
        /// How long ago it was taken.
        package var age: Duration
    }

    /// A change of the relay.
    package struct Change: Sendable, Hashable {
        /// How long ago it was.
        package var age: Duration
        /// The sentence of the decision.
        package var cause: String
    }

    /// What is known of the relay.
    package struct Relay: Sendable, Hashable {
        /// The line, for people.
        package var line: String
        /// Whether it is one of the real world.
        package var isReal: Bool
        /// Whether it is commanded on.
        package var isCommandedOn: Bool
        /// What the line reads; `nil` where it cannot be read.
        package var readBack: Bool?
        /// How often it was switched on in its life.
        package var cycles: Int
        /// How long it was on in its life.
        package var onTime: Duration
        /// The part of its rated life that is used up.
        package var wear: Double
    }

    /// Tells a snapshot that was taken at `now`.
    package init(_ snapshot: ThermostatSnapshot, at now: Now) {
        let decision = snapshot.decision
        id = snapshot.id
        state = decision.state
        remaining = decision.remaining
        sensor = snapshot.sensor
        second = snapshot.second
        reading = snapshot.latest.map { Measured(celsius: $0.celsius, age: $0.age) }
        celsius = decision.celsius
        target = decision.target
        limits = snapshot.limits
        mode = decision.mode
        band = decision.band
        latch = decision.latch
        relay = snapshot.relay.map(Relay.init)
        lastChange = snapshot.lastChange.map { Change(age: $0.age, cause: $0.cause) }
        faults = snapshot.faults.map { FaultReport($0, at: now) }
        let drivesNothing = snapshot.relay == nil
        sentence = drivesNothing ? "It drives no relay, so nothing is switched." : decision.sentence
        reason = drivesNothing ? "no-relay" : Self.reason(decision)
    }

    private static func reason(_ decision: Decision) -> String {
        switch decision.state {
        case .safe: decision.latch == nil ? "held-off" : FaultCode.latchedOff.rawValue
        case .fault where decision.remaining != nil: "recovering"
        case .fault: decision.causes.first?.code.rawValue ?? "recovering"
        case .off: "mode"
        case .waiting: "no-sample"
        case .holdOff: "minimum-off"
        case .holdOn: "minimum-on"
        case .limit: "maximum-on"
        case .idle, .heating, .cooling: "temperature"
        }
    }
}

extension ThermostatReport.Relay {
    init(_ relay: ThermostatSnapshot.Relay) {
        self.init(
            line: "\(relay.line)", isReal: relay.isReal, isCommandedOn: relay.isCommandedOn,
            readBack: relay.readBack, cycles: relay.cycles, onTime: relay.onTime, wear: relay.wear)
    }
}
