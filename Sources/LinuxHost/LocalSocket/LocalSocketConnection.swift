// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// One client of the local socket, as the server's thread sees it.
struct LocalSocketConnection: ~Copyable {
    typealias Instant = ContinuousClock.Instant

    private let descriptor: CInt
    private let limits: LocalSocketServer.Limits
    private var input: LineBuffer
    private var output: [UInt8] = []
    private var answering: Task<Void, Never>?
    /// The client has said all that it wants to say.
    private var isInputEnded = false
    /// Nothing is read any more; the connection ends when the output is out.
    private var isEnding = false
    /// When a client that does nothing is given up; `nil` while it waits for its answer.
    private(set) var deadline: Instant?

    /// Takes over an accepted descriptor.
    init(_ descriptor: CInt, limits: LocalSocketServer.Limits, now: Instant) {
        self.descriptor = descriptor
        self.limits = limits
        input = LineBuffer(limit: limits.lineLength)
        deadline = now.advanced(by: limits.patience)
    }

    deinit {
        answering?.cancel()
        close(descriptor)
    }

    /// Whether a request is being answered.
    var isAnswering: Bool { answering != nil }

    /// What the thread waits for; end and failure of the connection are always reported.
    var polled: pollfd {
        var events: CInt = 0
        if !output.isEmpty { events |= POLLOUT }
        // A client that does not wait for its answers is not read any further meanwhile.
        if !isAnswering, !isInputEnded, !isEnding, output.isEmpty { events |= POLLIN }
        return pollfd(fd: descriptor, events: Int16(events), revents: 0)
    }

    /// Does what `revents` allow; returns `false` when the connection is over.
    mutating func proceed(_ revents: Int16, now: Instant) -> Bool {
        let events = CInt(revents)
        if events & POLLOUT != 0, !flush(now: now) { return false }
        if events & POLLIN != 0, polled.events & Int16(POLLIN) != 0 { return read() }
        // Whoever has gone altogether wants no answer any more.
        return events & (POLLHUP | POLLERR | POLLNVAL) == 0
    }

    /// The next request, where one is complete and none is being answered.
    ///
    /// `nil` also where nothing more will come; then ``isOver`` says so.
    mutating func nextRequest() -> LineBuffer.Next? {
        guard !isAnswering, !isEnding, output.isEmpty else { return nil }
        switch input.next() {
        case .incomplete: return nil
        case let next: return next
        }
    }

    /// Whether everything is said and sent.
    var isOver: Bool {
        output.isEmpty && !isAnswering && (isEnding || isInputEnded)
    }

    /// Notes the task that answers a request.
    mutating func begin(_ task: Task<Void, Never>) {
        answering = task
        deadline = nil
    }

    /// Notes that the answer is complete.
    mutating func finish(now: Instant) {
        answering = nil
        deadline = now.advanced(by: limits.patience)
    }

    /// Sends a line, or as much of it as the client takes now; returns `false` where the connection is over.
    mutating func send(_ line: [UInt8], now: Instant) -> Bool {
        guard output.count + line.count < limits.unsentBytes else { return false }
        if output.isEmpty { deadline = now.advanced(by: limits.patience) }
        output += line
        output.append(UInt8(ascii: "\n"))
        return flush(now: now)
    }

    /// Sends a last line; afterwards nothing is read.
    mutating func end(_ line: [UInt8], now: Instant) -> Bool {
        isEnding = true
        return send(line, now: now)
    }

    private mutating func flush(now: Instant) -> Bool {
        while !output.isEmpty {
            let count = Glibc.send(descriptor, output, output.count, CInt(MSG_NOSIGNAL))
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            output.removeFirst(count)
            deadline = now.advanced(by: limits.patience)
        }
        if isAnswering { deadline = nil }
        return true
    }

    /// One piece at a time, so that a client that floods leaves the others their turn.
    private mutating func read() -> Bool {
        var piece = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0 { return errno == EAGAIN || errno == EINTR }
        if count == 0 { isInputEnded = true }
        input.append(piece[..<count])
        return true
    }
}
