// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What of a thermostat must outlive the program, whatever hub it talks to.
package struct ThermostatMemory: Sendable, Hashable {
    /// The last accepted target in °C; `nil` where nobody has set one.
    package var target: Double?
    /// The last chosen mode, a word; `nil` where nobody has chosen one.
    package var mode: String?
    /// Why the relay stays off until a reset; `nil` where it need not.
    package var latch: String?
    /// The boot that ``offAt`` and ``lockedUntil`` count from; `nil` where it is not known.
    package var bootID: String?
    /// When the relay went off, since that boot began; `nil` where that is not known.
    package var offAt: Duration?
    /// When a lock-out ends, since that boot began; `nil` where none runs.
    package var lockedUntil: Duration?
    /// How often the relay was switched on in its life.
    package var cycles = 0
    /// How long it was on in its life.
    package var onTime = Duration.zero

    /// Nothing is known.
    package init() {}
}
