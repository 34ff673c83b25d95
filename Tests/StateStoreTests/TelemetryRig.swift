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
    let recorder: Recorder?
    private var starts = 1
    private(set) var disk: StateStore
    private(set) var store: TelemetryStore
    var boot = "boot 1"
    var sinceBoot = Duration.seconds(10)
    /// The civil time, or `nil` while the clock is not set.
    var wall: WallTime? = testTime

    var youngPath: String { directory.file("run/outbox.sqlite") }
    var diskPath: String { directory.file("state/state.sqlite") }

    /// - Parameters:
    ///   - recorder: What lies between the state file and the disk.
    ///   - prepare: Puts files into the directory before anything is opened.
    init(
        limits: OutboxLimits = OutboxLimits(), history: HistoryLimits = HistoryLimits(),
        recorder: Recorder? = nil, prepare: (TelemetryRig.Paths) -> Void = { _ in }
    ) async {
        self.limits = limits
        self.history = history
        self.recorder = recorder
        let paths = Paths(
            young: directory.file("run/outbox.sqlite"), disk: directory.file("state/state.sqlite"))
        mkdir(directory.file("run"), 0o700)
        mkdir(directory.file("state"), 0o700)
        prepare(paths)
        (disk, store) = await Self.open(paths, 1, boot, limits, history, recorder)
    }

    /// Where the two files are.
    struct Paths {
        let young: String
        let disk: String
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

    /// Opens both tiers; each start has names of its own for series.
    func open() async {
        starts += 1
        (disk, store) = await Self.open(
            Paths(young: youngPath, disk: diskPath), starts, boot, limits, history, recorder)
    }

    private static func open(
        _ paths: Paths, _ start: Int, _ boot: String, _ limits: OutboxLimits, _ history: HistoryLimits,
        _ recorder: Recorder?
    ) async -> (StateStore, TelemetryStore) {
        let disk = await openStore(.file(paths.disk), vfs: recorder?.name)
        let counter = Counter()
        let store = await TelemetryStore.open(
            young: .file(paths.young), executor: QueueExecutor(), disk: disk, limits: limits,
            history: history,
            at: testTime, in: boot, newSeries: { "series \(start).\(counter.next())" })
        return (disk, store)
    }

    var moment: StoreMoment { StoreMoment(bootID: boot, sinceBoot: sinceBoot, wall: wall) }

    /// Lets time pass on all clocks.
    func pass(_ duration: Duration) {
        sinceBoot += duration
        wall = wall?.advanced(by: duration)
    }

    func sample(_ stream: String = "thermostat1", _ value: Double = 21, simulated: Bool = false) -> NewSample
    {
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
