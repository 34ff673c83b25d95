// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The times that the gate in front of an output keeps; all of them positive.
package struct GateSettings: Sendable, Hashable {
    /// Once on, the output stays on at least so long, safety apart.
    package var minimumOn: Duration
    /// Once off, it stays off at least so long; after a start with an unknown history too.
    package var minimumOff: Duration
    /// It is never on longer than so.
    package var maximumOn: Duration
    /// After ``maximumOn`` it stays off at least so long.
    package var lockOut: Duration

    /// Makes settings; the lock-out is twice the minimum off time where it is not given.
    package init(minimumOn: Duration, minimumOff: Duration, maximumOn: Duration, lockOut: Duration? = nil) {
        self.minimumOn = minimumOn
        self.minimumOff = minimumOff
        self.maximumOn = maximumOn
        self.lockOut = lockOut ?? minimumOff * 2
    }
}

/// What hangs on a relay, with the times that such a load needs.
package enum LoadProfile: String, Sendable, Hashable, CaseIterable {
    /// An electric heater: only the relay wears.
    case electricHeater = "electric-heater"
    /// A boiler: short cycles cost efficiency and parts.
    case boiler
    /// A compressor: it must not start against pressure.
    case compressor

    /// The usual times of such a load.
    package var gate: GateSettings {
        switch self {
        case .electricHeater:
            GateSettings(minimumOn: .seconds(120), minimumOff: .seconds(180), maximumOn: .seconds(4 * 3600))
        case .boiler:
            GateSettings(minimumOn: .seconds(240), minimumOff: .seconds(360), maximumOn: .seconds(4 * 3600))
        case .compressor:
            GateSettings(minimumOn: .seconds(300), minimumOff: .seconds(300), maximumOn: .seconds(4 * 3600))
        }
    }
}
