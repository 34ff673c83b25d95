// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

/// A server in a directory of its own, whose answers the test decides.
final class SocketBench: Sendable {
    static let refusals = LocalSocketServer.Refusals(busy: bytes("busy"), tooLong: bytes("too long"))

    let directory: String
    private let tree: FakeTree
    let server: LocalSocketServer
    private let running: Task<Void, any Error>

    /// Starts a server that answers each line with `>` and the line, unless told otherwise.
    init(
        limits: LocalSocketServer.Limits = LocalSocketServer.Limits(),
        answer: @escaping LocalSocketServer.Answer = { line, send in send([UInt8(ascii: ">")] + line) }
    ) throws {
        tree = try FakeTree()
        directory = tree.root + "/run"
        server = try LocalSocketServer(
            directory: directory, limits: limits, refusals: Self.refusals, answer: answer)
        running = Task { [server] in try await server.run() }
    }

    deinit { server.stop() }

    /// Ends the server and waits until it has ended.
    func stop() async throws {
        server.stop()
        try await running.value
    }

    /// Runs `body` with a client on a thread of its own: clients block, and the server's answers need the pool.
    func client<Value: Sendable>(
        _ body: @escaping @Sendable (inout LocalSocketClient) throws -> Value
    ) async throws -> Value {
        let directory = directory
        return try await onThread {
            var client = try LocalSocketClient(directory: directory)
            return try body(&client)
        }
    }
}

/// Runs blocking work on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension LocalSocketClient {
    /// Sends a line and takes one line back, as text.
    mutating func ask(_ line: String) throws -> String {
        try send(bytes(line), limit: .seconds(30))
        return try next()
    }

    /// The next line as text.
    mutating func next() throws -> String {
        String(decoding: try receive(limit: .seconds(30)), as: UTF8.self)
    }
}
