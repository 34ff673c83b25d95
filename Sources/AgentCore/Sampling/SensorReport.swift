// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What is known of one sensor at one moment: what it is, its last values, and why it gives none.
package struct SensorReport: Sendable, Hashable {
    /// Why the last sample gave no value.
    package struct Failure: Sendable, Hashable {
        /// The kind, the same set for every chip.
        package var kind: SensorErrorKind
        /// What happened and what to do about it, for people.
        package var text: String
        /// Failed samples since the last good one.
        package var inARow: Int

        /// Makes a failure from its parts.
        package init(kind: SensorErrorKind, text: String, inARow: Int) {
            self.kind = kind
            self.text = text
            self.inARow = inARow
        }
    }

    /// How often a sensor was asked since the program started, and with what success.
    package struct Counts: Sendable, Hashable {
        /// All samples.
        package var samples = 0
        /// Those that gave no value.
        package var failures = 0
        /// Those that gave no value because the bus did not answer in time.
        package var unanswered = 0

        /// Starts at nothing.
        package init() {}
    }

    /// The name in the configuration.
    package var name: SensorName
    /// The driver that the values come from, as configured where there are none.
    package var driver: String
    /// Where the chip is, for people; `nil` where it is a model in memory.
    package var place: String?
    /// Whether the values were made by a model, also by one that stands in for the chip.
    package var isSimulated: Bool
    /// The time between two samples.
    package var interval: Duration
    /// The quantities of the last conversion; empty where the last sample gave nothing or there was none yet.
    package var measurements: [Measurement] = []
    /// How long ago the conversion ended; `nil` without measurements.
    package var age: Duration?
    /// Why the last sample of the chip gave no value; `nil` where it did.
    package var failure: Failure?
    /// How often the sensor was asked.
    package var counts = Counts()

    /// Describes a sensor that was not read yet.
    package init(_ setup: SensorSetup) {
        self.init(name: setup.name, source: setup.source, interval: setup.interval)
    }

    /// Describes a sensor that was not read yet.
    package init(name: SensorName, source: Source, interval: Duration) {
        self.name = name
        self.interval = interval
        switch source {
        case .hardware(let driver, let place):
            self.driver = driver
            self.place = place
        case .simulated(let driver): self.driver = driver
        }
        isSimulated = source.isSimulated
    }

    /// Whether the chip itself gave a value in its last sample that may be passed on.
    package var hasValue: Bool { failure == nil && measurements.contains { $0.goodValue != nil } }
}
