// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What tells one telemetry message from every other that this device ever sends.
package struct SampleKey: Sendable, Hashable {
    /// The numbering it belongs to: eight hexadecimal digits, new only where the numbering was lost.
    package var series: String
    /// What is numbered: `thermostat1`, `thermostat2`, or empty for the root component.
    package var stream: String
    /// Counts up from 1 within the stream, across restarts.
    package var sequence: Int64

    /// Makes a key; without a series it stands for the row with that number in any series.
    package init(stream: String, sequence: Int64, series: String = "") {
        self.series = series
        self.stream = stream
        self.sequence = sequence
    }
}

/// A sample to be numbered and stored.
package struct NewSample: Sendable, Hashable {
    /// What is numbered: `thermostat1`, `thermostat2`, or empty for the root component.
    package var stream: String
    /// The name of the telemetry, for example `temperature`.
    package var telemetry: String
    /// The value in the unit of that telemetry; one that is not finite is not stored.
    package var value: Double
    /// Whether no real sensor measured it.
    package var isSimulated: Bool
    /// The kernel's boot in which it was sampled.
    package var bootID: String
    /// When it was sampled, since that boot began; stored in whole milliseconds.
    package var sinceBoot: Duration
    /// The civil time, where the clock was trusted.
    package var wall: WallTime?

    /// Makes a sample from its parts.
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

/// A sample that was numbered and stored, and waits for its acknowledgement.
package struct StoredSample: Sendable, Hashable {
    /// Which message it is.
    package var key: SampleKey
    /// The name of the telemetry, for example `temperature`.
    package var telemetry: String
    /// The value in the unit of that telemetry; finite.
    package var value: Double
    /// Whether no real sensor measured it.
    package var isSimulated: Bool
    /// The kernel's boot in which it was sampled.
    package var bootID: String
    /// When it was sampled, since that boot began, in whole milliseconds.
    package var sinceBoot: Duration
    /// The civil time, where the clock was trusted or became so later in that boot.
    package var wall: WallTime?

    /// The numbering it belongs to.
    package var series: String { key.series }

    /// Makes a stored sample from its parts; `series` is put into the key.
    package init(
        key: SampleKey, series: String, telemetry: String, value: Double, isSimulated: Bool, bootID: String,
        sinceBoot: Duration, wall: WallTime?
    ) {
        self.key = SampleKey(stream: key.stream, sequence: key.sequence, series: series)
        self.telemetry = telemetry
        self.value = value
        self.isSimulated = isSimulated
        self.bootID = bootID
        self.sinceBoot = sinceBoot
        self.wall = wall
    }

    init(_ sample: NewSample, key: SampleKey) {
        self.init(
            key: key, series: key.series, telemetry: sample.telemetry, value: sample.value,
            isSimulated: sample.isSimulated, bootID: sample.bootID,
            sinceBoot: .milliseconds(sample.sinceBoot.milliseconds), wall: sample.wall)
    }
}
