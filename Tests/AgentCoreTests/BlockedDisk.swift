// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Foundation
import StateStore
import ThreadExecutor

/// A state file whose thread is stuck in a call that does not return until the test says so.
final class BlockedDisk: Sendable {
    let executor = ThreadExecutor(name: "disk")
    private let folder: URL
    private let door = DispatchSemaphore(value: 0)
    private let blocker: Blocker

    /// Writes the file, and blocks the thread that it is to be opened on.
    init(_ fill: (StateStore) async throws -> Void = { _ in }) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("disk-\(UUID().uuidString)")
        let earlier = ThreadExecutor(name: "earlier")
        let store = await StateStore.open(
            .file(folder.appendingPathComponent("state.sqlite").path), executor: earlier, at: nil)
        try await fill(store)
        await store.close()
        earlier.shutdown()
        blocker = Blocker(executor)
        let hasBegun = AsyncStream<Void>.makeStream()
        Task { [blocker, door] in
            await blocker.block(door) { hasBegun.continuation.finish() }
        }
        for await _ in hasBegun.stream {}
    }

    deinit {
        door.signal()
        executor.shutdown()
        try? FileManager.default.removeItem(at: folder)
    }

    /// The store of this start, as the agent makes it; not open yet.
    func store(clock: @escaping @Sendable () -> ContinuousClock.Instant) -> StateStore {
        StateStore.opened(
            byFirstCallOf: .file(folder.appendingPathComponent("state.sqlite").path), executor: executor,
            at: nil, clock: clock)
    }

    /// Lets the call return, and all behind it.
    func answer() { door.signal() }

    private actor Blocker {
        private nonisolated let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(_ executor: ThreadExecutor) { self.executor = executor }

        func block(_ door: DispatchSemaphore, hasBegun: @Sendable () -> Void) {
            hasBegun()
            Self.wait(door)
        }

        private static func wait(_ door: DispatchSemaphore) { door.wait() }
    }
}
