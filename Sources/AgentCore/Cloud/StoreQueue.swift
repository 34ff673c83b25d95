// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import StateStore
import Synchronization

/// Writes to the store in the order of asking, behind the back of whoever asks: a stuck disk delays nobody else.
///
/// Of each kind only the newest waits, in the place of the older one, so that a slow disk costs neither memory nor writes
/// that the next one makes worthless.
final class StoreQueue: Sendable {
    typealias Work = @Sendable (StateStore) async throws -> Void

    private struct Entry {
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

    /// Does the work as it comes; what fails is said and changes nothing else.
    func run(on store: StateStore, log: Logger) async {
        while await signal.wait() {
            while !Task.isCancelled, let work = takeFirst() {
                do {
                    try await work(store)
                } catch {
                    log.warning("What has to outlive the program could not be stored: \(error)")
                }
            }
        }
    }

    /// Waits until everything asked for so far is done.
    func drain() async {
        let done = Signal()
        waiting.withLock { $0.append(Entry(kind: nil, work: { _ in done.send() })) }
        signal.send()
        await done.wait()
    }

    private func takeFirst() -> Work? {
        waiting.withLock { $0.isEmpty ? nil : $0.removeFirst().work }
    }
}
