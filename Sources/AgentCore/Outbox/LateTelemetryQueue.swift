// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StateStore
import Synchronization

/// A queue that is still being opened: who asks it waits for that, and the pump lets nobody else wait.
package final class LateTelemetryQueue: TelemetryQueue {
    private let opening: Task<TelemetryStore, Never>
    private let opened = Mutex<TelemetryStore?>(nil)

    /// Takes the task that opens the store.
    package init(_ opening: Task<TelemetryStore, Never>) { self.opening = opening }

    /// The store, once it is open.
    package var store: TelemetryStore {
        get async {
            if let store = opened.withLock(\.self) { return store }
            let store = await opening.value
            opened.withLock { $0 = store }
            return store
        }
    }

    /// Numbers and stores samples, in order, and forgets others; what is returned outlives this process.
    package func exchange(storing samples: [NewSample], forgetting keys: [SampleKey]) async -> [StoredSample]
    {
        await store.exchange(storing: samples, forgetting: keys)
    }

    /// The oldest samples that wait, but for those set aside and those of `excluding`.
    package func oldest(
        limit: Int, excluding: Set<SampleKey>, at now: StoreMoment?
    ) async -> [StoredSample] {
        await store.oldest(limit: limit, excluding: excluding, at: now)
    }

    /// Lets samples rest until a time in this boot.
    package func setAside(_ keys: [SampleKey], until: Duration, bootID: String) async {
        await store.setAside(keys, until: until, bootID: bootID)
    }

    /// Remembers when a boot began in civil time.
    package func noteBootClock(_ bootID: String, wallAtBoot: WallTime) async {
        await store.noteBootClock(bootID, wallAtBoot: wallAtBoot)
    }

    /// When a sample was taken, where that is known by now.
    package func date(of sample: StoredSample) async -> WallTime? { await store.date(of: sample) }

    /// Moves what is young to where a power cut does not reach it.
    package func sync(at moment: StoreMoment) async -> SyncResult { await store.sync(at: moment) }

    /// What is known of a stream since a time.
    package func summary(
        of stream: String, since: WallTime, until: WallTime, simulated: Bool
    ) async -> HistorySummary? {
        await store.summary(of: stream, since: since, until: until, simulated: simulated)
    }

    /// How the queue is; before it is open, that it takes nothing.
    package var status: TelemetryStatus {
        get async {
            if let store = opened.withLock(\.self) { return await store.status }
            return TelemetryStatus(
                waiting: 0, bytes: 0, thinned: 0, dropped: 0, setAside: 0, youngIsDurable: false,
                diskIsDurable: false)
        }
    }
}
