// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A caller of `Hub.wait`.
struct ConditionWaiter {
    let condition: @Sendable (isolated Hub) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
    let timer: Task<Void, Never>
}

extension Hub {
    /// Accepted telemetry with a sequence number above the given one, oldest first.
    public func telemetry(after sequence: Int = 0) -> [TelemetryRecord] {
        telemetryLog.after(sequence)
    }

    /// Telemetry accepted from now on.
    public nonisolated func telemetryUpdates() -> AsyncStream<TelemetryRecord> {
        telemetryFeed.updates()
    }

    /// Broken rules with a sequence number above the given one, oldest first.
    public func violations(after sequence: Int = 0) -> [Violation] {
        violationLog.after(sequence)
    }

    /// Rules broken from now on.
    public nonisolated func violationUpdates() -> AsyncStream<Violation> {
        violationFeed.updates()
    }

    /// Connections open now, oldest first.
    public func connections() -> [ConnectionRecord] {
        live.values.map(\.record).sorted { $0.id < $1.id }
    }

    /// Connections that ended, refused ones included, in order of their end.
    public func endedConnections() -> [ConnectionRecord] {
        connectionHistory.records
    }

    /// Waits until the condition holds, checked after every change; false when the limit passes first.
    public func wait(
        upTo limit: Duration, until condition: @escaping @Sendable (isolated Hub) -> Bool
    ) async -> Bool {
        if condition(self) { return true }
        let id = nextNumber()
        return await withCheckedContinuation { continuation in
            let timer = Task { [weak self] in
                try? await Task.sleep(for: limit)
                await self?.endWait(id, result: false)
            }
            waiters[id] = ConditionWaiter(condition: condition, continuation: continuation, timer: timer)
        }
    }

    /// Tells everyone who waits that something changed.
    func changed() {
        for (id, waiter) in waiters where waiter.condition(self) { endWait(id, result: true) }
    }

    func endWait(_ id: Int, result: Bool) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        waiter.timer.cancel()
        waiter.continuation.resume(returning: result)
    }
}
