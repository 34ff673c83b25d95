// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Synchronization
import Testing

@Suite("Service group") struct ServiceGroupTests {
    /// What happened, in order.
    private final class Journal: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock(\.self) }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Part: Service {
        let name: String
        let journal: Journal
        let hasBegun = Ending()
        var failsAfter: Ending?

        func run(until end: Ending) async {
            hasBegun.tell()
            if let failsAfter {
                await failsAfter.wait()
                return journal.add("\(name) failed")
            }
            await end.wait()
            journal.add("\(name) told")
            await Task.yield()
            journal.add("\(name) ended")
        }
    }

    @Test("The last service ends first, and each waits for the one before", .timeLimit(.minutes(10)))
    func order() async {
        let journal = Journal()
        let parts = ["cloud", "sampling", "control"].map { Part(name: $0, journal: journal) }
        let group = ServiceGroup(parts)
        let task = Task { await group.run() }
        for part in parts { await part.hasBegun.wait() }
        #expect(journal.all.isEmpty)
        group.beginEnd()
        group.beginEnd()
        #expect(await task.value)
        #expect(
            journal.all == [
                "control told", "control ended", "sampling told", "sampling ended", "cloud told",
                "cloud ended",
            ])
    }

    @Test("A service that ends by itself ends the others in order, which is told", .timeLimit(.minutes(10)))
    func failure() async {
        let journal = Journal()
        let cue = Ending()
        let group = ServiceGroup([
            Part(name: "cloud", journal: journal), Part(name: "sampling", journal: journal, failsAfter: cue),
        ])
        let task = Task { await group.run() }
        cue.tell()
        #expect(await task.value == false)
        #expect(journal.all == ["sampling failed", "cloud told", "cloud ended"])
    }

    @Test("An end that was begun before the start ends everything at once", .timeLimit(.minutes(10)))
    func endedBefore() async {
        let journal = Journal()
        let group = ServiceGroup([Part(name: "cloud", journal: journal)])
        group.beginEnd()
        #expect(await group.run())
        #expect(journal.all == ["cloud told", "cloud ended"])
    }

    @Test(
        "Waiting for an end is over when it is told, was told, or the task is cancelled",
        .timeLimit(.minutes(10)))
    func ending() async {
        let end = Ending()
        let waiting = (0..<10).map { _ in Task { await end.wait() } }
        let cancelled = Task { await Ending().wait() }
        cancelled.cancel()
        await cancelled.value
        #expect(!end.isTold)
        end.tell()
        for task in waiting { await task.value }
        await end.wait()
        #expect(end.isTold)
    }
}
