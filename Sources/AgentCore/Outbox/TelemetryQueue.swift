// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StateStore

/// Where telemetry is kept until the hub has it.
package protocol TelemetryQueue: Sendable {
    /// Numbers and stores samples, in order; what is returned outlives this process.
    func append(_ samples: [NewSample]) async -> [StoredSample]
    /// The oldest samples that wait, but for those set aside and those of `excluding`.
    func oldest(limit: Int, excluding: Set<SampleKey>, at now: Now) async -> [StoredSample]
    /// Forgets samples: the hub has them, or will never take them.
    func remove(_ keys: [SampleKey]) async
    /// Lets a sample rest until `time`.
    func setAside(_ key: SampleKey, until time: WallTime?) async
    /// When a sample was taken that was stored without a civil time, where that is known by now.
    func date(of sample: StoredSample) async -> WallTime?
    /// How much waits, and what had to give way.
    var level: QueueLevel { get async }
}

/// How full a queue of telemetry is.
package struct QueueLevel: Sendable, Hashable {
    /// Samples that wait, those set aside too.
    package var waiting: Int
    /// Samples that gave way to newer ones, or grew too old, since the start.
    package var dropped: Int
    /// Samples that were set aside because they end connections.
    package var aside: Int
    /// Why what waits would not outlive the process or a power cut as promised; `nil` where it does.
    package var trouble: String?

    /// Describes a queue.
    package init(waiting: Int, dropped: Int, aside: Int = 0, trouble: String? = nil) {
        self.waiting = waiting
        self.dropped = dropped
        self.aside = aside
        self.trouble = trouble
    }
}
