// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import MosquittoTransport
import StrictJSON
import Testing

/// A client and everything that it told.
actor LiveClient {
    nonisolated let hub: IoTHub.HubClient
    private(set) var states: [(state: ConnectionState, reason: String)] = []
    private(set) var cloudMessages: [CloudMessage] = []
    private(set) var twins: [TwinDocument] = []
    private(set) var patches: [DesiredPatch] = []
    private var waiters:
        [(isMet: (isolated LiveClient) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
            []
    private var isEnded = false

    init(_ configuration: HubClientConfiguration, cache: (any AssignmentCache)? = nil) {
        hub = IoTHub.HubClient(
            configuration: configuration, transport: MosquittoTransport(), cache: cache, time: RealTime(),
            log: Logger(label: "client") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Reads what the client tells until its end.
    func follow() async {
        for await event in hub.events {
            switch event {
            case .state(let state, let reason): states.append((state, reason))
            case .cloudMessage(let message): cloudMessages.append(message)
            case .twin(let twin): twins.append(twin)
            case .desired(let patch): patches.append(patch)
            case .command: break
            }
            wake()
        }
        isEnded = true
        wake()
    }

    private func wake() {
        let waiting = waiters
        waiters = []
        for waiter in waiting {
            if isEnded || waiter.isMet(self) { waiter.continuation.resume() } else { waiters.append(waiter) }
        }
    }

    /// Returns as soon as the condition holds, or when the client has ended.
    func wait(until isMet: @escaping @Sendable (isolated LiveClient) -> Bool) async {
        guard !isEnded, !isMet(self) else { return }
        await withCheckedContinuation { waiters.append((isMet, $0)) }
    }

    var carriesMessages: Bool { states.last?.state.carriesMessages == true }

    /// How often the connection went down without the client wanting it.
    var outages: Int { states.count { $0.state == .offline } }

    /// Sends one message and repeats it until the hub has it, as the outbox does.
    nonisolated func deliver(_ number: Int) async throws {
        let message = TelemetryMessage(body: .json(["n": .int(Int64(number))]), messageID: "\(number)")
        while true {
            do throws(HubError) {
                return try await hub.send(message)
            } catch {
                guard error.isRetryable, error.code != .cancelled else { throw error }
                await wait { $0.carriesMessages }
            }
        }
    }

    /// Delivers these numbers with up to `lanes` under way; returns when the hub has acknowledged all.
    nonisolated func deliver(_ numbers: Range<Int>, lanes: Int = 20) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    for number in numbers where number % lanes == lane { try await self.deliver(number) }
                }
            }
            try await group.waitForAll()
        }
    }
}
