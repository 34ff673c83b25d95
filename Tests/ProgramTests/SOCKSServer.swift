// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import Synchronization
import Testing

/// A small SOCKS5 proxy on a loopback port (RFC 1928, RFC 1929); every name it is asked for is this machine.
final class SOCKSServer: Sendable {
    /// What it does with a client.
    enum Behaviour: Sendable {
        case open
        case demands(user: String, password: String)
        /// Answers every request with this code.
        case refuses(code: UInt8)
    }

    let port: UInt16
    private let listener: Int32
    private let behaviour: Behaviour
    private let requests = Mutex<[String]>([])

    /// What clients asked for: `name:port`, or `IPv4` or `IPv6` and the port for an address.
    var targets: [String] { requests.withLock { $0 } }

    init(_ behaviour: Behaviour = .open) throws {
        self.behaviour = behaviour
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listening = listener
        let isReady = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, size) == 0 && listen(listening, 16) == 0
                    && getsockname(listening, $0, &size) == 0
            }
        }
        try #require(isReady)
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listening, nil, nil), client >= 0 {
                guard let self else {
                    close(client)
                    return
                }
                Thread.detachNewThread { self.serve(client) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        defer { close(client) }
        guard let hello = Self.read(2, from: client), hello[0] == 5,
            let methods = Self.read(Int(hello[1]), from: client), logIn(client, methods),
            let request = Self.read(4, from: client), request[1] == 1,
            let name = Self.name(request[3], from: client), let port = Self.read(2, from: client)
        else { return }
        let number = UInt16(port[0]) << 8 | UInt16(port[1])
        requests.withLock { $0.append("\(name):\(number)") }
        if case .refuses(let code) = behaviour { return Self.answer(code, to: client) }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        var address = Self.loopback(port: number)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return Self.answer(5, to: client) }
        Self.answer(0, to: client)
        Self.pump(client, server)
    }

    /// Lets the client in, or answers why not.
    private func logIn(_ client: Int32, _ methods: [UInt8]) -> Bool {
        guard case .demands(let user, let password) = behaviour else {
            Self.write([5, 0], to: client)
            return true
        }
        guard methods.contains(2) else {
            Self.write([5, 0xFF], to: client)
            return false
        }
        Self.write([5, 2], to: client)
        guard let head = Self.read(2, from: client), let name = Self.read(Int(head[1]), from: client),
            let length = Self.read(1, from: client), let word = Self.read(Int(length[0]), from: client)
        else { return false }
        let isRight = name == Array(user.utf8) && word == Array(password.utf8)
        Self.write([1, isRight ? 0 : 1], to: client)
        return isRight
    }

    private static func name(_ type: UInt8, from client: Int32) -> String? {
        switch type {
        case 1: return read(4, from: client).map { _ in "IPv4" }
        case 4: return read(16, from: client).map { _ in "IPv6" }
        default:
            guard let length = read(1, from: client), let text = read(Int(length[0]), from: client) else {
                return nil
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private static func answer(_ code: UInt8, to client: Int32) {
        write([5, code, 0, 1, 0, 0, 0, 0, 0, 0], to: client)
    }

    /// Copies both ways until either side ends.
    private static func pump(_ left: Int32, _ right: Int32) {
        var ends = [left, right].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while poll(&ends, 2, -1) > 0 {
            for (from, to) in [(0, right), (1, left)] where ends[from].revents != 0 {
                let count = recv(ends[from].fd, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                write(Array(buffer[..<count]), to: to)
            }
        }
    }

    private static func read(_ count: Int, from client: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: max(1, count))
        return recv(client, &bytes, count, Int32(MSG_WAITALL)) == count
            ? Array(bytes[..<count]) : nil
    }

    private static func write(_ bytes: [UInt8], to client: Int32) {
        _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
