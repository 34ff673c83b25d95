// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Quantities
import StateStore

/// A queue without a disk, that says what was asked of it.
actor MemoryQueue: TelemetryQueue {
    private(set) var waiting: [StoredSample] = []
    private(set) var aside: [SampleKey] = []
    private(set) var stored = 0
    private(set) var reads = 0
    private(set) var appends = 0
    private(set) var removals = 0
    private(set) var bootClocks: [String: WallTime] = [:]
    private(set) var syncs: [StoreMoment] = []
    private var numbers: [String: Int64] = [:]
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var isHanging = false
    private var hanging: [CheckedContinuation<Void, Never>] = []
    private let dates: [String: WallTime]

    init(holding count: Int = 0, dates: [String: WallTime] = [:]) {
        self.dates = dates
        for number in 0..<count {
            waiting.append(
                StoredSample(
                    key: SampleKey(stream: "thermostat1", sequence: Int64(number + 1)), series: "0000abcd",
                    telemetry: "temperature", value: Double(number), isSimulated: false, bootID: "before",
                    sinceBoot: .seconds(number), wall: nil))
        }
        numbers["thermostat1"] = Int64(count)
    }

    func exchange(storing samples: [NewSample], forgetting keys: [SampleKey]) -> [StoredSample] {
        if !keys.isEmpty { remove(keys) }
        return samples.isEmpty ? [] : append(samples)
    }

    private func append(_ samples: [NewSample]) -> [StoredSample] {
        let numbered = samples.map { sample in
            let number = numbers[sample.stream, default: 0] + 1
            numbers[sample.stream] = number
            return StoredSample(
                key: SampleKey(stream: sample.stream, sequence: number), series: "0000abcd",
                telemetry: sample.telemetry, value: sample.value, isSimulated: sample.isSimulated,
                bootID: sample.bootID, sinceBoot: sample.sinceBoot, wall: sample.wall)
        }
        appends += 1
        waiting += numbered
        stored += numbered.count
        wake()
        return numbered
    }

    /// Has every read wait from now on, as on a disk that hangs, or lets those that wait go on.
    func hang(_ isHanging: Bool) {
        self.isHanging = isHanging
        guard !isHanging else { return }
        let all = hanging
        hanging = []
        for reader in all { reader.resume() }
    }

    /// Offers again what was set aside.
    func endRest() { aside = [] }

    func oldest(limit: Int, excluding: Set<SampleKey>, at now: StoreMoment?) async -> [StoredSample] {
        reads += 1
        if isHanging { await withCheckedContinuation { hanging.append($0) } }
        return Array(waiting.filter { !excluding.contains($0.key) && !aside.contains($0.key) }.prefix(limit))
    }

    private func remove(_ keys: [SampleKey]) {
        removals += 1
        let keys = Set(keys)
        waiting.removeAll { keys.contains($0.key) }
        wake()
    }

    func setAside(_ keys: [SampleKey], until: Duration, bootID: String) {
        aside += keys
        wake()
    }

    func noteBootClock(_ bootID: String, wallAtBoot: WallTime) { bootClocks[bootID] = wallAtBoot }

    func sync(at moment: StoreMoment) -> SyncResult {
        syncs.append(moment)
        return .done(moved: 0)
    }

    func summary(of stream: String, since: WallTime, until: WallTime, simulated: Bool) -> HistorySummary? {
        nil
    }

    func date(of sample: StoredSample) -> WallTime? { dates[sample.bootID] }

    var status: TelemetryStatus {
        TelemetryStatus(
            waiting: waiting.count, bytes: 0, thinned: 0, dropped: 0, setAside: aside.count,
            youngIsDurable: true,
            diskIsDurable: true)
    }

    /// Waits until exactly `count` samples wait.
    func holds(_ count: Int) async {
        while waiting.count != count {
            await withCheckedContinuation { waiters.append($0) }
        }
    }

    private func wake() {
        let all = waiters
        waiters = []
        for waiter in all { waiter.resume() }
    }
}
