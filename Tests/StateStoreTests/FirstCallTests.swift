// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import StateStore

@Suite("A store that its first call opens") struct FirstCallTests {
    private let start = ContinuousClock.now

    private func store(_ path: String) -> StateStore {
        StateStore.opened(
            byFirstCallOf: .file(path), executor: QueueExecutor(), at: nil, clock: { [start] in start })
    }

    @Test("It makes nothing and counts as busy before; the first call finds what an earlier run has left")
    func opened() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.sqlite")
        let store = store(path)
        #expect(directory.names.isEmpty && store.busySince == start && !store.wasDurable)
        try await store.addEvent("test", json: "{}", at: nil)
        #expect(store.busySince == nil && store.wasDurable)
        await store.close()
        let next = self.store(path)
        #expect(try await next.events(limit: 9).map(\.kind) == ["test"])
        await next.close()
    }

    @Test("What there is to say of the file comes by the notices") func damaged() async throws {
        let directory = TemporaryDirectory()
        let path = directory.file("state.sqlite")
        let first = store(path)
        try await first.addEvent("test", json: "{}", at: nil)
        await first.close()
        write([UInt8](repeating: 0xA5, count: contents(path).count), to: path)
        let store = store(path)
        #expect(try await store.events(limit: 9).isEmpty)
        await store.close()
        var notices: [StoreNotice] = []
        for await notice in store.notices { notices.append(notice) }
        guard case .damaged? = notices.first, notices.count == 1 else {
            Issue.record("unexpected \(notices)")
            return
        }
    }

    @Test("Closed before its first call, it never touches the file") func closed() async {
        let directory = TemporaryDirectory()
        let store = store(directory.file("state.sqlite"))
        await store.close()
        await #expect(throws: StoreError.self) { try await store.events(limit: 1) }
        #expect(directory.names.isEmpty)
    }
}
