// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import StateStore
import Synchronization

/// Writes to the store in the order of asking, behind the back of whoever asks: a stuck disk delays nobody else.
///
/// Of each kind only the newest waits, in the place of the older one, so that a slow disk costs neither memory nor writes
/// that the next one makes worthless. What a failing disk does not take stays, and is tried again.
final class StoreQueue: Sendable {
    typealias Work = @Sendable (StateStore) async throws -> Void

    /// Between attempts while the disk fails.
    static let pause = Duration.seconds(60)

    private struct Entry {
        /// `nil` for what only waits for all before it.
        var kind: String?
        var work: Work
    }

    private let waiting = Mutex<[Entry]>([])
    private let signal = Signal()

    /// How many writes wait.
    var count: Int { waiting.withLock { $0.count } }

    /// Asks for `work` in place of what waits of the same kind; returns at once.
    func add(_ kind: String, _ work: @escaping Work) {
        waiting.withLock { waiting in
            if let index = waiting.firstIndex(where: { $0.kind == kind }) {
                waiting[index].work = work
            } else {
                waiting.append(Entry(kind: kind, work: work))
            }
        }
        signal.send()
    }

    /// Does the work as it comes until the task is cancelled; what fails is said once and changes nothing else.
    func run(on store: StateStore, time: any TimeSource, log: Logger) async {
        var hasFailed = false
        var alarm: Task<Void, Never>?
        defer { alarm?.cancel() }
        while await signal.wait() {
            while !Task.isCancelled, let entry = takeFirst() {
                do {
                    try await entry.work(store)
                    if hasFailed, entry.kind != nil {
                        log.notice("What has to outlive the program is stored again.")
                        hasFailed = false
                    }
                } catch {
                    let isKept = Self.mayHeal(error)
                    log.log(
                        level: hasFailed && isKept ? .debug : .warning,
                        "What has to outlive the program could not be stored: \(error)")
                    guard isKept else { continue }
                    hasFailed = true
                    // Who waits only sends a signal, which cannot fail.
                    for waiter in putBack(entry) { try? await waiter.work(store) }
                    break
                }
            }
            alarm?.cancel()
            alarm = hasFailed ? tryAgain(time) : nil
        }
    }

    /// Waits until everything asked for so far is done, or the disk did not take it.
    func drain() async {
        let done = Signal()
        waiting.withLock { $0.append(Entry(kind: nil, work: { _ in done.send() })) }
        signal.send()
        await done.wait()
    }

    private func takeFirst() -> Entry? {
        waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Whether the same write may succeed on the same store later.
    private static func mayHeal(_ error: any Error) -> Bool {
        switch (error as? StoreError)?.kind {
        case .full, .readOnly, .permission, .busy, .inputOutput: true
        default: false
        }
    }

    /// Puts what failed before all others, so that nothing is stored that builds on it; returns who waits for the end.
    private func putBack(_ entry: Entry) -> [Entry] {
        waiting.withLock { waiting in
            // A newer one of its kind takes its place.
            let newer = waiting.firstIndex { $0.kind == entry.kind }.map { waiting.remove(at: $0) }
            let waiters = waiting.filter { $0.kind == nil }
            waiting.removeAll { $0.kind == nil }
            waiting.insert(newer ?? entry, at: 0)
            return waiters
        }
    }

    private func tryAgain(_ time: any TimeSource) -> Task<Void, Never> {
        Task { [signal] in
            do { try await time.sleep(for: Self.pause) } catch { return }
            signal.send()
        }
    }
}
