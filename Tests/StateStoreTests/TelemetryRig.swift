// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Quantities
import Synchronization

@testable import StateStore

/// Both tiers in one directory, with what can happen to them between two starts.
final class TelemetryRig {
    let directory = TemporaryDirectory()
    let limits: OutboxLimits
    let history: HistoryLimits
    private let names = Mutex(0)
    private(set) var disk: StateStore
    private(set) var store: TelemetryStore
    var boot = "boot 1"
    var sinceBoot = Duration.seconds(10)
    /// The civil time, or `nil` while the clock is not set.
    var wall: WallTime? = testTime

    var youngPath: String { directory.file("run/outbox.sqlite") }
    var diskPath: String { directory.file("state/state.sqlite") }

    init(
        limits: OutboxLimits = OutboxLimits(), history: HistoryLimits = HistoryLimits(), diskInMemory: Bool = false,
        youngInMemory: Bool = false
    ) async {
        self.limits = limits
        self.history = history
        disk = await openStore(diskInMemory ? .memory : .file(directory.file("state/state.sqlite")))
        store = await TelemetryStore.open(
            young: youngInMemory ? .memory : .file(directory.file("run/outbox.sqlite")), executor: QueueExecutor(),
            disk: disk, limits: limits, history: history, at: testTime, newSeries: { "00000000" })
        await restart()
    }

    /// Ends the process, whose files stay as they are, and starts it again.
    func restart() async {
        await store.close()
        await disk.close()
        await open()
    }

    /// The young tier is lost, and the machine boots anew.
    ///
    /// - Parameter meanwhile: What else happens to the files.
    func cutPower(_ meanwhile: () -> Void = {}) async {
        await store.close()
        await disk.close()
        removeTree(directory.file("run"))
        mkdir(directory.file("run"), 0o700)
        meanwhile()
        boot += "+"
        sinceBoot = .seconds(10)
        await open()
    }

    func open() async {
        disk = await openStore(.file(diskPath))
        let counter = Counter()
        let base = names.withLock { names in
            names += 1
            return names
        }
        store = await TelemetryStore.open(
            young: .file(youngPath), executor: QueueExecutor(), disk: disk, limits: limits, history: history,
            at: testTime, newSeries: { "series \(base).\(counter.next())" })
    }

    var moment: StoreMoment { StoreMoment(bootID: boot, sinceBoot: sinceBoot, wall: wall) }

    /// Lets time pass on all clocks.
    func pass(_ duration: Duration) {
        sinceBoot += duration
        wall = wall?.advanced(by: duration)
    }

    func sample(_ stream: String = "thermostat1", _ value: Double = 21, simulated: Bool = false) -> NewSample {
        NewSample(
            stream: stream, telemetry: "temperature", value: value, isSimulated: simulated, bootID: boot,
            sinceBoot: sinceBoot, wall: wall)
    }

    @discardableResult
    func append(_ count: Int, _ stream: String = "thermostat1") async -> [StoredSample] {
        await store.append((0..<count).map { sample(stream, Double($0)) })
    }

    /// Everything that waits, by its numbers.
    func waiting(_ limit: Int = 100_000) async -> [Int64] {
        await store.oldest(limit: limit).map(\.key.sequence)
    }
}

/// Counts up from 1, from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}
