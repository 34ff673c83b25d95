// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

@Suite("The local socket", .timeLimit(.minutes(10))) struct LocalSocketTests {
    @Test("Every line of an answer arrives in order, and a client may ask again") func answers() async throws
    {
        let bench = try SocketBench { line, send in
            for step in 1...3 { send(bytes("step \(step)")) }
            send(bytes("done ") + line)
        }
        let lines = try await bench.client { client in
            var lines: [String] = []
            for request in ["a", "b"] {
                try client.send(bytes(request), limit: .seconds(30))
                for _ in 0..<4 { lines.append(try client.next()) }
            }
            return lines
        }
        #expect(lines == ["a", "b"].flatMap { ["step 1", "step 2", "step 3", "done \($0)"] })
    }

    @Test("Two requests in one piece are answered one after the other") func pipelined() async throws {
        let bench = try SocketBench()
        let lines = try await bench.client { client in
            try client.send(bytes("a\nb"), limit: .seconds(30))
            return [try client.next(), try client.next()]
        }
        #expect(lines == [">a", ">b"])
    }

    @Test("A long answer arrives whole") func longAnswer() async throws {
        let bench = try SocketBench { _, send in send([UInt8](repeating: UInt8(ascii: "x"), count: 900_000)) }
        let answer = try await bench.client { try $0.ask("a") }
        #expect(answer.utf8.count == 900_000)
    }

    @Test("Owner and group may use it, and it goes with its server") func file() async throws {
        let bench = try SocketBench()
        #expect(try Self.mode(bench.directory) == 0o750)
        #expect(try Self.mode(bench.server.path) == 0o660)
        try await bench.stop()
        #expect(throws: (any Error).self) { try Self.mode(bench.server.path) }
        await #expect(throws: LocalSocketFailure.noAgent(bench.server.path)) {
            try await bench.client { try $0.ask("a") }
        }
    }

    @Test("The file of a dead agent is replaced") func stale() async throws {
        let tree = try FakeTree()
        let path = tree.root + "/control.sock"
        try Self.leaveSocket(at: path)
        #expect(throws: LocalSocketFailure.noAgent(path)) { _ = try LocalSocketClient(directory: tree.root) }
        let server = try LocalSocketServer(directory: tree.root, refusals: SocketBench.refusals) { _, send in
            send(bytes("alive"))
        }
        let running = Task { try await server.run() }
        let root = tree.root
        #expect(
            try await onThread {
                var client = try LocalSocketClient(directory: root)
                return try client.ask("a")
            } == "alive")
        server.stop()
        try await running.value
    }

    @Test("That of a living one is not, even where its lock file was removed", arguments: [true, false])
    func living(hasLock: Bool) async throws {
        let bench = try SocketBench()
        if !hasLock { try FileManager.default.removeItem(atPath: bench.directory + "/control.lock") }
        let error = #expect(throws: LocalSocketFailure.self) {
            _ = try LocalSocketServer(directory: bench.directory, refusals: SocketBench.refusals) { _, _ in }
        }
        #expect(error == .inUse(bench.server.path))
        #expect(try await bench.client { try $0.ask("a") } == ">a")
    }

    @Test("What is no socket is left alone") func foreign() throws {
        let tree = try FakeTree(text: ["/control.sock": "precious"])
        let error = #expect(throws: LocalSocketFailure.self) {
            _ = try LocalSocketServer(directory: tree.root, refusals: SocketBench.refusals) { _, _ in }
        }
        #expect(error?.description.contains("remove it") == true)
        #expect(try String(contentsOfFile: tree.root + "/control.sock", encoding: .utf8) == "precious")
    }

    @Test("A directory that cannot be had is an error that says what to do")
    func noDirectory() throws {
        for directory in [
            "relative", "/nonexistent/run", "/" + String(repeating: "x", count: 120), "/dev/null",
        ] {
            let error = #expect(throws: LocalSocketFailure.self) {
                _ = try LocalSocketServer(directory: directory, refusals: SocketBench.refusals) { _, _ in }
            }
            #expect(error?.description.contains("RUNTIME_DIRECTORY") == true, "\(directory)")
        }
    }

    @Test("Nobody there, a dead agent's file and no directory are told as: no agent runs")
    func noAgent() throws {
        let tree = try FakeTree(text: ["/file": ""])
        for directory in [tree.root, tree.root + "/none", tree.root + "/file"] {
            #expect(throws: LocalSocketFailure.noAgent(directory + "/control.sock")) {
                _ = try LocalSocketClient(directory: directory)
            }
        }
    }

    @Test("An agent that takes the call and says nothing is told as silent") func silent() async throws {
        let bench = try SocketBench { _, _ in try? await Task.sleep(for: .seconds(3600)) }
        await #expect(throws: LocalSocketFailure.silent(bench.server.path, .milliseconds(50))) {
            try await bench.client { client in
                try client.send(bytes("a"), limit: .seconds(30))
                _ = try client.receive(limit: .milliseconds(50))
            }
        }
    }

    @Test("The end cuts off who waits for an answer, at once") func end() async throws {
        let bench = try SocketBench { line, send in
            send(line)
            try? await Task.sleep(for: .seconds(3600))
        }
        await #expect(throws: LocalSocketFailure.ended(bench.server.path)) {
            try await bench.client { client in
                _ = try client.ask("a")
                bench.server.stop()
                _ = try client.next()
            }
        }
        try await bench.stop()
    }

    static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// The socket file of an agent that was killed.
    private static func leaveSocket(at path: String) throws {
        let descriptor = try UnixAddress.openSocket()
        defer { close(descriptor) }
        #expect(try UnixAddress(path).bind(descriptor) == 0)
    }
}
