// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Names one sample for ever, within the series of its numbering.
package struct SampleKey: Sendable, Hashable {
    /// The component that the sample belongs to, such as `thermostat1`; empty for the root.
    package var stream: String
    /// Counts up by one with each sample of the stream, over restarts.
    package var sequence: Int64

    /// Makes a key.
    package init(stream: String, sequence: Int64) {
        self.stream = stream
        self.sequence = sequence
    }
}

/// One telemetry value that waits for the hub, in columns.
package struct StoredSample: Sendable, Hashable {
    /// Its stream and number.
    package var key: SampleKey
    /// The numbering that the number belongs to, eight hexadecimal digits.
    package var series: String
    /// The telemetry's name in the model, such as `temperature`.
    package var telemetry: String
    /// The value, in the model's unit.
    package var value: Double
    /// Whether a model made it.
    package var isSimulated: Bool
    /// The boot in which it was taken.
    package var bootID: String
    /// When it was taken, since that boot began.
    package var sinceBoot: Duration
    /// The civil time at which it was taken, where the clock could be believed then.
    package var wall: WallTime?

    /// Puts a sample together.
    package init(
        key: SampleKey, series: String, telemetry: String, value: Double, isSimulated: Bool, bootID: String,
        sinceBoot: Duration, wall: WallTime?
    ) {
        self.key = key
        self.series = series
        self.telemetry = telemetry
        self.value = value
        self.isSimulated = isSimulated
        self.bootID = bootID
        self.sinceBoot = sinceBoot
        self.wall = wall
    }
}

/// One telemetry value that has no number yet.
package struct NewSample: Sendable, Hashable {
    /// The component that the sample belongs to, such as `thermostat1`; empty for the root.
    package var stream: String
    /// The telemetry's name in the model, such as `temperature`.
    package var telemetry: String
    /// The value, in the model's unit.
    package var value: Double
    /// Whether a model made it.
    package var isSimulated: Bool
    /// The boot in which it was taken.
    package var bootID: String
    /// When it was taken, since that boot began.
    package var sinceBoot: Duration
    /// The civil time at which it was taken, where the clock could be believed then.
    package var wall: WallTime?

    /// Puts a sample together.
    package init(
        stream: String, telemetry: String, value: Double, isSimulated: Bool, bootID: String,
        sinceBoot: Duration, wall: WallTime?
    ) {
        self.stream = stream
        self.telemetry = telemetry
        self.value = value
        self.isSimulated = isSimulated
        self.bootID = bootID
        self.sinceBoot = sinceBoot
        self.wall = wall
    }
}
