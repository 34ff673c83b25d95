// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// A growing list that tests can wait on: lines of a console, output of a program, events of the machine.
///
/// Nothing is ever taken out, so looking does not disturb another who waits.
package final class Journal<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var end: (any Error)?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())

    /// Begins empty.
    package init() {}

    /// All entries so far, oldest first.
    package var entries: [Entry] {
        state.withLock(\.entries)
    }

    /// Adds an entry; one that comes after the end is dropped.
    package func append(_ entry: Entry) {
        wake { state in
            if state.end == nil { state.entries.append(entry) }
        }
    }

    /// Ends the journal with what those get who wait in vain; only the first end counts.
    package func finish(throwing error: any Error) {
        wake { state in
            if state.end == nil { state.end = error }
        }
    }

    /// The first entry from `index` on for which `find` gives a value.
    ///
    /// Throws the journal's end where no such entry came before it, `CancellationError` when cancelled.
    package func first<Found: Sendable>(
        from index: Int = 0, _ find: (Entry) -> Found?
    ) async throws -> (index: Int, found: Found) {
        var index = index
        while true {
            let (fresh, end) = state.withLock { ($0.entries.dropFirst(index), $0.end) }
            for entry in fresh {
                if let found = find(entry) { return (index, found) }
                index += 1
            }
            try Task.checkCancellation()
            if let end { throw end }
            await change(after: index)
        }
    }

    /// Waits for the end and returns its reason.
    package func end() async throws -> any Error {
        while true {
            let (count, end) = state.withLock { ($0.entries.count, $0.end) }
            if let end { return end }
            try Task.checkCancellation()
            await change(after: count)
        }
    }

    /// Returns when there are more than `count` entries, the end came, or the task was cancelled.
    private func change(after count: Int) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    let isReady = state.entries.count > count || state.end != nil || Task.isCancelled
                    if !isReady { state.waiters[id] = continuation }
                    return isReady
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }
}

/// Runs `body` for at most `limit`; later it is cancelled and `late()` is thrown.
func withLimit<Result: Sendable>(
    _ limit: Duration, late: @escaping @Sendable () -> any Error,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw late()
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}
