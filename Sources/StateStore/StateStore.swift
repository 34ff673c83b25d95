// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import Synchronization

/// What must outlive the process: targets, twin versions, confirmed reports, maxima, hub assignment, events, and
/// the disk's part of telemetry and history, which ``TelemetryStore`` looks after.
///
/// Every call runs on the executor it was given, a thread of its own, because a disk can block for seconds.
package actor StateStore {
    private nonisolated let executor: any SerialExecutor
    /// What there was to say when the store was opened; log it.
    package nonisolated let opening: [StoreNotice]
    /// What happens to the store afterwards, for one consumer that logs it.
    package nonisolated let notices: AsyncStream<StoreNotice>
    let announce: AsyncStream<StoreNotice>.Continuation
    let location: StoreLocation
    /// SQLite's name of the layer to the file system; `nil` is the system's own.
    let vfs: String?
    private(set) var database: Database?
    /// Whether memory holds what the file held when it could not be written.
    private(set) var isCarried: Bool
    /// What the first call has to do before its own work; `nil` once that is done.
    private var pending: StoreOpening?
    private nonisolated let activity: StoreActivity

    /// Whether what is stored outlives the process.
    package private(set) var isDurable: Bool {
        didSet { durability.store(isDurable, ordering: .relaxed) }
    }
    private nonisolated let durability: Atomic<Bool>

    /// The same, as it was last known: asked without the disk's thread, which may hang.
    package nonisolated var wasDurable: Bool { durability.load(ordering: .relaxed) }

    /// Since when the present call has been at work; `nil` between calls.
    ///
    /// Asked without the disk's thread, which may hang.
    package nonisolated var busySince: ContinuousClock.Instant? { activity.since }

    /// The executor that every call runs on.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the store on its executor; see ``opening`` for what had to be done.
    ///
    /// A damaged, newer or foreign file is set aside and a new one begins; where nothing can be written, state lives in
    /// memory.
    ///
    /// - Parameter wall: The civil time for the name of a file that has to be set aside.
    package static func open(
        _ location: StoreLocation, executor: any SerialExecutor, at wall: WallTime?
    ) async -> StateStore {
        await open(location, executor: executor, at: wall, schema: .current)
    }

    static func open(
        _ location: StoreLocation, executor: any SerialExecutor, at wall: WallTime?, schema: Schema,
        vfs: String? = nil
    ) async -> StateStore {
        let opening = StoreOpening(schema: schema, wall: wall, vfs: vfs)
        return StateStore(location, executor, vfs, await Opener(executor).open(location, opening))
    }

    /// A store that is opened by its first call, on its executor: nobody waits for a disk that hangs but who calls.
    ///
    /// It counts as busy until then, and does not outlive the process; ``opening`` stays empty, and what there is to say
    /// comes by ``notices``.
    ///
    /// - Parameter clock: The monotonic time for ``busySince``.
    package static func opened(
        byFirstCallOf location: StoreLocation, executor: any SerialExecutor, at wall: WallTime?,
        clock: @escaping @Sendable () -> ContinuousClock.Instant
    ) -> StateStore {
        StateStore(location, executor, StoreOpening(schema: .current, wall: wall), clock)
    }

    private init(
        _ location: StoreLocation, _ executor: any SerialExecutor, _ pending: StoreOpening,
        _ clock: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.location = location
        self.executor = executor
        self.pending = pending
        vfs = pending.vfs
        isCarried = false
        opening = []
        isDurable = false
        durability = Atomic(false)
        activity = StoreActivity(clock)
        activity.begin()
        (notices, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    private init(
        _ location: StoreLocation, _ executor: any SerialExecutor, _ vfs: String?,
        _ opened: sending OpenedDatabase
    ) {
        self.location = location
        self.vfs = vfs
        isCarried = opened.isCarried
        activity = StoreActivity { .now }
        self.executor = executor
        opening = opened.notices
        isDurable = opened.isDurable
        durability = Atomic(opened.isDurable)
        database = opened.database
        (notices, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Writes everything to the disk and closes; every later call throws `.closed`.
    package func close() {
        // Dropping the last connection checkpoints and removes the write-ahead log.
        database = nil
        pending = nil
        announce.finish()
    }

    /// Works on the file from here on.
    func use(_ database: sending Database) {
        self.database = database
        isDurable = true
    }

    /// Runs `body` on the database and names the operation in what it throws.
    ///
    /// A database that turns out to be damaged is set aside, and `body` is run once more on a new one.
    func perform<Result>(
        _ operation: String, _ body: (Database) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        activity.begin()
        defer { activity.end() }
        do throws(StoreError) {
            do throws(StoreError) {
                return try body(try opened())
            } catch {
                guard error.kind == .damaged, isDurable else { throw error }
                try beginAnew(after: error)
                return try body(try opened())
            }
        } catch {
            var failure = error
            failure.operation = operation
            throw failure
        }
    }

    private func opened() throws(StoreError) -> Database {
        if let database { return database }
        if let opening = pending {
            pending = nil
            let opened = opening.open(location)
            opened.notices.forEach { announce.yield($0) }
            isCarried = opened.isCarried
            isDurable = opened.isDurable
            database = opened.database
            if let database { return database }
        }
        throw StoreError(.closed, operation: "", location: "the store")
    }

    private func beginAnew(after failure: StoreError) throws(StoreError) {
        guard case .file(let path) = location else { throw failure }
        database = nil
        let opened: OpenedDatabase
        do throws(StoreError) {
            let name = try StoreFile(path).setAside("damaged", at: nil)
            announce.yield(.damaged(path: path, renamedTo: name, detail: failure.detail))
            opened = StoreOpening(schema: .current, wall: nil, vfs: vfs).open(location)
        } catch {
            announce.yield(.inMemory(error, carriedOver: false))
            opened = StoreOpening(schema: .current, wall: nil, vfs: vfs).open(.memory)
        }
        opened.notices.forEach { announce.yield($0) }
        isDurable = opened.isDurable
        database = opened.database
    }
}

/// Runs the opening on the store's executor, so that a slow disk blocks nobody else.
actor Opener {
    private nonisolated let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ executor: any SerialExecutor) { self.executor = executor }

    func open(_ location: StoreLocation, _ opening: StoreOpening) -> sending OpenedDatabase {
        opening.open(location)
    }
}
