// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A call to a running agent: lines out, lines in, each within a limit.
///
/// Its functions block, at most for their limits: to be called where that harms nobody.
package struct LocalSocketClient: ~Copyable {
    /// The longest line that is taken from an agent, in bytes.
    private static let longestLine = 4 << 20
    /// The pause before the next attempt while the agent's queue of callers is full.
    private static let pause: CInt = 10

    /// The socket's path.
    package let path: String
    private let descriptor: CInt
    private var input: LineBuffer

    /// Calls the agent whose socket is in `directory`.
    ///
    /// Throws `.noAgent` where nobody listens, and `.denied` with who may ask where the kernel refuses.
    package init(directory: String, limit: Duration = .seconds(1)) throws(LocalSocketFailure) {
        let path = directory + "/" + LocalSocketListener.name
        let descriptor: CInt
        do throws(HostError) {
            let deadline = ContinuousClock.now.advanced(by: limit)
            descriptor = try Self.connected(to: try UnixAddress(path), deadline: deadline)
        } catch {
            throw Self.failure(error, path, limit)
        }
        // All at once: 6.2's compiler destroys what a throw before that had not set yet.
        self.path = path
        self.descriptor = descriptor
        input = LineBuffer(limit: Self.longestLine)
    }

    deinit { close(descriptor) }

    /// Sends a line, without its end.
    package mutating func send(_ line: [UInt8], limit: Duration) throws(LocalSocketFailure) {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var rest = (line + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            guard wait(for: POLLOUT, until: deadline) else { throw .silent(path, limit) }
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            // What a server says before it ends the call, for example that it is busy, can still be read.
            if count < 0, errno == EPIPE || errno == ECONNRESET { return }
            guard count >= 0 || errno == EINTR || errno == EAGAIN else {
                throw .system(HostError("send", location: path, errno: errno))
            }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// The next line of the agent, without its end; throws `.ended` where none will come.
    package mutating func receive(limit: Duration) throws(LocalSocketFailure) -> [UInt8] {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            switch input.next() {
            case .line(let line): return line
            case .tooLong: throw .tooLong(path)
            case .incomplete: break
            }
            guard wait(for: POLLIN, until: deadline) else { throw .silent(path, limit) }
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { throw .ended(path) }
            input.append(piece[..<count])
        }
    }

    private static func connected(
        to address: UnixAddress, deadline: ContinuousClock.Instant
    ) throws(HostError) -> CInt {
        let descriptor = try UnixAddress.openSocket()
        while true {
            let number = address.connect(descriptor)
            if number == 0 { return descriptor }
            // A full queue of callers cannot be waited for, only tried again (unix(7), EAGAIN).
            guard number == EAGAIN || number == EINTR, ContinuousClock.now < deadline else {
                close(descriptor)
                throw HostError("connect", location: address.path, errno: number)
            }
            poll(nil, 0, pause)
        }
    }

    private static func failure(_ error: HostError, _ path: String, _ limit: Duration) -> LocalSocketFailure {
        switch error.errno {
        case ENOENT, ENOTDIR, ECONNREFUSED: .noAgent(path)
        case EACCES, EPERM: .denied(path, advice: SocketAccess.advice(path: path))
        case EAGAIN: .silent(path, limit)
        default: .system(error)
        }
    }

    private func wait(for events: CInt, until deadline: ContinuousClock.Instant) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            let result = poll(&polled, 1, CInt(min(left, .seconds(60)) / .milliseconds(1)) + 1)
            if result > 0 { return true }
            guard result == 0 || errno == EINTR else { return true }
        }
    }
}
