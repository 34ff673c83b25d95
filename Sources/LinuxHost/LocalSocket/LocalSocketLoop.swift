// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc

/// The server's thread: one `poll` for the socket, its clients and messages from other threads.
struct LocalSocketLoop: ~Copyable {
    private typealias Instant = ContinuousClock.Instant

    /// How long no client is taken after the process ran out of descriptors; without a pause the thread would spin.
    private static let pauseWithoutDescriptors = Duration.seconds(1)

    private let server: LocalSocketServer
    private let listener: LocalSocketListener
    private var connections: [Int: Client] = [:]
    private var lastNumber = 0
    private var listensAgainAt: Instant?

    /// A place for a connection, which cannot be copied.
    private final class Client {
        var connection: LocalSocketConnection

        init(_ connection: consuming LocalSocketConnection) { self.connection = connection }
    }

    init(server: LocalSocketServer, listener: LocalSocketListener) {
        self.server = server
        self.listener = listener
    }

    /// Serves until told to stop.
    mutating func run() {
        while true {
            let numbers = Array(connections.keys)
            let polled = wait(numbers)
            let now = ContinuousClock.now
            if let again = listensAgainAt, again <= now { listensAgainAt = nil }
            if polled[0].revents != 0, !deliver(now: now) { return }
            for (number, entry) in zip(numbers, polled[2...]) where entry.revents != 0 {
                proceed(number, entry.revents, now: now)
            }
            for number in Array(connections.keys) { advance(number, now: now) }
            // Last: who comes after another has gone gets the place that is free.
            if polled[1].revents != 0 { accept(now: now) }
        }
    }

    private func wait(_ numbers: [Int]) -> [pollfd] {
        var polled = [
            pollfd(fd: server.mailbox.wake, events: Int16(POLLIN), revents: 0),
            // `poll` skips an entry whose descriptor is negative.
            pollfd(
                fd: listensAgainAt == nil ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0),
        ]
        for number in numbers { polled.append(connections[number]?.connection.polled ?? pollfd()) }
        var deadline = listensAgainAt
        for number in numbers {
            guard let other = connections[number]?.connection.deadline else { continue }
            deadline = min(deadline ?? other, other)
        }
        // A failed wait (EINTR) counts as "nothing happened": the caller comes round again.
        if poll(&polled, nfds_t(polled.count), Self.milliseconds(until: deadline)) < 0 {
            for index in polled.indices { polled[index].revents = 0 }
        }
        return polled
    }

    /// The timeout of `poll` that does not wake before `deadline`; −1 for none.
    private static func milliseconds(until deadline: Instant?) -> CInt {
        guard let deadline else { return -1 }
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return 0 }
        guard left < .seconds(60) else { return 60_000 }
        return CInt(left / .milliseconds(1)) + 1
    }

    /// Hands messages to their connections; returns `false` when told to stop.
    private mutating func deliver(now: Instant) -> Bool {
        for message in server.mailbox.take() {
            switch message {
            case .line(let number, let line):
                if connections[number]?.connection.send(line, now: now) == false {
                    connections[number] = nil
                }
            case .finished(let number): connections[number]?.connection.finish(now: now)
            case .stop: return false
            }
        }
        return true
    }

    private mutating func accept(now: Instant) {
        let descriptor = clinuxhost_accept(listener.descriptor)
        guard descriptor >= 0 else {
            if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) {
                listensAgainAt = now.advanced(by: Self.pauseWithoutDescriptors)
            }
            return
        }
        var connection = LocalSocketConnection(descriptor, limits: server.limits, now: now)
        guard connections.count < server.limits.clients else {
            _ = connection.end(server.refusals.busy, now: now)
            return
        }
        lastNumber += 1
        connections[lastNumber] = Client(connection)
    }

    private mutating func proceed(_ number: Int, _ revents: Int16, now: Instant) {
        if connections[number]?.connection.proceed(revents, now: now) == false { connections[number] = nil }
    }

    /// Begins the next request of a connection, or ends one that has nothing more to do or took too long.
    private mutating func advance(_ number: Int, now: Instant) {
        guard let client = connections[number] else { return }
        switch client.connection.nextRequest() {
        case .line(let line): client.connection.begin(answer(number, line))
        case .tooLong:
            if !client.connection.end(server.refusals.tooLong, now: now) { connections[number] = nil }
        case .incomplete, nil: break
        }
        if client.connection.isOver { connections[number] = nil }
        if let deadline = client.connection.deadline, deadline <= now { connections[number] = nil }
    }

    private func answer(_ number: Int, _ line: [UInt8]) -> Task<Void, Never> {
        Task(executorPreference: server.executor) { [server] in
            await server.answer(line) { server.mailbox.post(.line(number, $0)) }
            server.mailbox.post(.finished(number))
        }
    }
}
