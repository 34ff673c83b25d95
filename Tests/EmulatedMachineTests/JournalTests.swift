// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import EmulatedMachine

@Suite(.timeLimit(.minutes(10))) struct JournalTests {
    private struct End: Error {}

    @Test("An entry that is there is found at once, from an index on")
    func findsPresent() async throws {
        let journal = Journal<Int>()
        for number in [4, 5, 4] { journal.append(number) }
        #expect(try await journal.first { $0 == 4 ? $0 : nil }.index == 0)
        #expect(try await journal.first(from: 1) { $0 == 4 ? $0 : nil }.index == 2)
    }

    @Test("All who wait get an entry that comes later")
    func findsLater() async throws {
        let journal = Journal<Int>()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await journal.first { $0 == 99 ? $0 : nil }.index } }
            for number in 0..<100 { journal.append(number) }
            for try await index in group { #expect(index == 99) }
        }
    }

    @Test("Who waits in vain gets the end, and what came before it is still there")
    func ends() async throws {
        let journal = Journal<Int>()
        journal.append(1)
        let waiting = Task { try await journal.first { $0 == 2 ? $0 : nil }.found }
        journal.finish(throwing: End())
        journal.append(2)
        await #expect(throws: End.self) { try await waiting.value }
        #expect(try await journal.first { $0 }.found == 1)
        #expect(try await journal.end() is End)
        #expect(journal.entries == [1])
    }

    @Test("A limit ends the waiting with its own error")
    func limit() async {
        let journal = Journal<Int>()
        await #expect(throws: End.self) {
            try await withLimit(.milliseconds(20), late: { End() }) { try await journal.first { $0 }.found }
        }
    }
}
