// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StateStore

/// Where telemetry is kept until the hub has it.
package protocol TelemetryQueue: Sendable {
    /// Numbers and stores samples, in order, and forgets others, which the hub has or will never take; what is returned
    /// outlives this process.
    func exchange(storing samples: [NewSample], forgetting keys: [SampleKey]) async -> [StoredSample]
    /// The oldest samples that wait, but for those set aside and those of `excluding`.
    func oldest(limit: Int, excluding: Set<SampleKey>, at now: StoreMoment?) async -> [StoredSample]
    /// Lets samples rest until a time in this boot.
    func setAside(_ keys: [SampleKey], until: Duration, bootID: String) async
    /// Remembers when a boot began in civil time.
    func noteBootClock(_ bootID: String, wallAtBoot: WallTime) async
    /// When a sample was taken, where that is known by now.
    func date(of sample: StoredSample) async -> WallTime?
    /// Moves what is young to where a power cut does not reach it.
    func sync(at moment: StoreMoment) async -> SyncResult
    /// What is known of a stream since a time.
    func summary(of stream: String, since: WallTime, until: WallTime, simulated: Bool) async
        -> HistorySummary?
    /// How the queue is.
    var status: TelemetryStatus { get async }
}

extension TelemetryStore: TelemetryQueue {}

extension TelemetryStatus {
    /// Why what waits is less durable than promised, a sentence for people; `nil` where it is not.
    var trouble: String? {
        switch (youngIsDurable, diskIsDurable) {
        case (true, true): nil
        case (true, false): "The disk takes nothing: a power cut would cost what waits"
        case (false, true):
            "The runtime directory takes nothing: a crash would cost what is not on the disk yet"
        case (false, false):
            "Neither disk nor runtime directory takes anything: a crash would cost what waits"
        }
    }
}
