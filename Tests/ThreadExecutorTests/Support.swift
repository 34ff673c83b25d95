// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import ThreadExecutor

/// An actor on a thread of its own, with what the tests ask of it.
actor Worker {
    private let executor: ThreadExecutor
    private(set) var log: [Int] = []
    private(set) var count = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ executor: ThreadExecutor) { self.executor = executor }

    deinit { executor.shutdown() }

    func record(_ value: Int) { log.append(value) }
    func increment() { count += 1 }
    func takeCount() -> Int {
        defer { count = 0 }
        return count
    }
    func isOnThread() -> Bool { executor.isCurrent }
    func threadID() -> UInt { UInt(pthread_self()) }
    func run<T: Sendable>(_ body: @Sendable () -> T) -> T { body() }

    func attach(_ make: sending @Sendable (isolated Worker) -> any PollSource) {
        executor.attach(make(self))
    }
    func detach() { executor.detach() }
}

/// A pipe that closes itself.
final class Pipe: Sendable {
    let reader: CInt
    let writer: CInt

    init() {
        var ends: [CInt] = [-1, -1]
        pipe(&ends)
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        close(writer)
    }

    func write(_ byte: UInt8) {
        var byte = byte
        _ = Glibc.write(writer, &byte, 1)
    }

    func read() -> UInt8? {
        var byte: UInt8 = 0
        return Glibc.read(reader, &byte, 1) == 1 ? byte : nil
    }
}

/// A poll source made of closures.
final class Source: PollSource {
    var descriptor: CInt?
    var interest: Interest = .read
    var deadline = Deadline.never
    var whenReady: (Source, Interest) -> Void = { _, _ in }

    var whenSettled: () -> Void = {}

    func ready(_ interest: Interest) { whenReady(self, interest) }

    func settle() { whenSettled() }
}
