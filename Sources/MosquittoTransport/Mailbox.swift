// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization
import ThreadExecutor

/// What a connection is asked to do by other threads.
enum Command: Sendable {
    case publish(PublishRequest)
    case subscribe([String], Reply<Void>)
    case disconnect(Reply<Void>)
}

/// One message on its way, with whom to tell about its PUBACK.
struct PublishRequest: Sendable {
    let payload: [UInt8]
    let topic: String
    let reply: Reply<Void>
}

/// Hands commands to a connection's thread, many per wake-up, and knows when they can no longer be taken.
final class Mailbox: Sendable {
    private struct State: Sendable {
        var isOpen = false
        var commands: [Command] = []
    }

    private let state = Lock(State())
    private let abandoned = Atomic(false)
    private let executor: ThreadExecutor

    init(executor: ThreadExecutor) { self.executor = executor }

    /// Whether the owner has given the connection up.
    var isAbandoned: Bool { abandoned.load(ordering: .relaxed) }

    /// Hands a command over; false when there is no connection to carry it out.
    func post(_ command: Command) -> Bool {
        let (isTaken, isFirst) = state.withLock { state in
            guard state.isOpen else { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if isFirst { executor.signal() }
        return isTaken
    }

    /// Tells the connection to end without a word, also where its thread is blocked now.
    func abandon() {
        abandoned.store(true, ordering: .relaxed)
        executor.signal()
    }

    /// Takes commands from now on.
    func open() { state.withLock { $0.isOpen = true } }

    /// Moves the waiting commands into `commands`, which must be empty and whose storage is used again.
    func take(into commands: inout [Command]) { state.withLock { swap(&$0.commands, &commands) } }

    /// Takes no more commands; returns those that are left.
    func close() -> [Command] {
        state.withLock { state in
            state.isOpen = false
            defer { state.commands = [] }
            return state.commands
        }
    }
}
