// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import StateStore

/// Writes to the store in the order of asking, behind the back of whoever asks: a stuck disk delays nobody else.
struct StoreQueue: Sendable {
    typealias Work = @Sendable (StateStore) async throws -> Void

    private let stream: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// Asks for `work`; returns at once.
    func add(_ work: @escaping Work) { continuation.yield(work) }

    /// Does the work as it comes; what fails is said and changes nothing else.
    func run(on store: StateStore, log: Logger) async {
        for await work in stream {
            do {
                try await work(store)
            } catch {
                log.warning("What has to outlive the program could not be stored: \(error)")
            }
        }
    }

    /// Waits until everything asked for so far is done.
    func drain() async {
        let done = Signal()
        add { _ in done.send() }
        await done.wait()
    }
}
