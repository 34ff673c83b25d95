// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a thermostat does.
package enum ThermostatState: String, Sendable, Hashable, CaseIterable {
    /// The mode is off.
    case off
    /// No good sample since the start.
    case waiting
    /// Nothing to do.
    case idle
    /// The relay is wanted on and waits for the minimum off time.
    case holdOff = "hold-off"
    /// The relay is on and warms.
    case heating
    /// The relay is on and cools.
    case cooling
    /// The relay is wanted off and waits for the minimum on time.
    case holdOn = "hold-on"
    /// The relay was on for the maximum time and is locked out.
    case limit
    /// The relay is off because something is wrong.
    case fault
    /// The relay is off until a reset, or for as long as it is held off.
    case safe

    /// Whether the relay is on.
    package var isOn: Bool { self == .heating || self == .cooling || self == .holdOn }
}

/// What a thermostat has decided, and all that it takes to explain it.
package struct Decision: Sendable, Hashable {
    /// What it does.
    package var state: ThermostatState
    /// Whether the relay is on.
    package var relay: Bool
    /// When the state ends by itself at the earliest; `nil` where no timer runs.
    package var remaining: Duration?
    /// The temperature that was acted on, °C; `nil` where none may be.
    package var celsius: Double?
    /// The target in force, °C.
    package var target: Double
    /// The mode in force.
    package var mode: ThermostatMode
    /// Where the relay goes on and off, °C; `nil` in mode off.
    package var band: Band?
    /// Whether the last sample failed and the one before it is used.
    package var isCoasting: Bool
    /// What is wrong, oldest first.
    package var faults: [Fault]
    /// Those of ``faults`` that keep the relay off; the others are alarms.
    package var causes: [Fault]
    /// Why the relay is latched off; `nil` where it is not.
    package var latch: String?
    /// Why the relay is held off for a time; `nil` where it is not.
    package var hold: String?

    /// Where the relay goes on and off, °C.
    package struct Band: Sendable, Hashable {
        /// On at this temperature or beyond.
        package var on: Double
        /// Off at this temperature or beyond.
        package var off: Double

        /// Describes a band.
        package init(on: Double, off: Double) {
            self.on = on
            self.off = off
        }
    }

    /// The decision in one sentence.
    package var sentence: String {
        switch state {
        case .off: "Off, because the mode is off."
        case .waiting: "Off: no good sample has come since the start."
        case .safe: latch.map { "Off until a reset: \($0)." } ?? "Off: \(hold ?? "held off")."
        case .fault: "Off: \(faultText)."
        case .limit: "Off for another \(remainingText): it was on for the maximum time."
        case .holdOff: "\(comparison); waiting \(remainingText) for the minimum off time."
        case .holdOn: "\(comparison); on for another \(remainingText), the minimum on time."
        case .heating: "Heating: \(comparison)\(coastingText)."
        case .cooling: "Cooling: \(comparison)\(coastingText)."
        case .idle: "Idle: \(comparison)\(coastingText)."
        }
    }

    private var faultText: String {
        let texts = causes.map(\.text)
        guard let remaining else { return texts.isEmpty ? "a fault" : texts.joined(separator: "; ") }
        return "the fault is over; waiting \(remaining.inWords) for the minimum off time"
    }

    private var remainingText: String { (remaining ?? .zero).inWords }

    private var coastingText: String {
        isCoasting ? "; the last sample failed, so nothing is switched on" : ""
    }

    /// The temperature against the band.
    private var comparison: String {
        guard let celsius, let band else { return "there is no temperature" }
        let value = celsius.inTenths
        let isHeating = mode == .heat
        if isHeating ? celsius <= band.on : celsius >= band.on {
            return "\(value) °C has reached \(band.on.inTenths) °C, where the relay goes on"
        }
        if isHeating ? celsius >= band.off : celsius <= band.off {
            return "\(value) °C has reached \(band.off.inTenths) °C, where the relay goes off"
        }
        let (low, high) = (min(band.on, band.off), max(band.on, band.off))
        return "\(value) °C is between \(low.inTenths) and \(high.inTenths) °C"
    }
}

extension Double {
    /// The number with one digit after the point, rounded half away from zero.
    var inTenths: String {
        guard magnitude < 1e15 else { return "\(self)" }
        let tenths = Int((self * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}

extension Duration {
    /// The time in the words of people, rounded up to seconds, for example `3 min 20 s`.
    package var inWords: String {
        let (seconds, attoseconds) = components
        let total = max(0, attoseconds > 0 ? seconds + 1 : seconds)
        let parts = [(total / 3600, "h"), (total / 60 % 60, "min"), (total % 60, "s")]
        let words = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return words.isEmpty ? "0 s" : words.joined(separator: " ")
    }
}
