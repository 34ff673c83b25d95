// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import Synchronization
import Testing

/// Stands in for an agent on the local socket: answers every request with the same line, the first ones perhaps with
/// others, and keeps what it was asked.
final class CannedAgent: Sendable {
    /// Its runtime directory.
    let folder: TemporaryFolder
    private let listener: Int32
    private let requests = Mutex<[String]>([])

    /// The lines that came.
    var asked: [String] { requests.withLock { $0 } }

    /// Listens; `answer` is one line of JSON, and so is each of `first`.
    init(answering answer: String, after first: [String] = []) throws {
        folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("control.sock").path
        listener = try UnixSocket.bound(to: path, type: CInt(SOCK_STREAM.rawValue))
        try #require(listen(listener, 4) == 0)
        let socket = listener
        Thread.detachNewThread { [weak self] in
            var first = first[...]
            while case let caller = accept(socket, nil, nil), caller >= 0 {
                let line = Self.line(from: caller)
                self?.requests.withLock { $0.append(line) }
                let bytes = Array(((first.popFirst() ?? answer) + "\n").utf8)
                _ = send(caller, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(caller)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func line(from caller: Int32) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while recv(caller, &byte, 1, 0) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
