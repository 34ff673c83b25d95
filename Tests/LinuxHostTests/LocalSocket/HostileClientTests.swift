// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

@Suite("Clients of the local socket that do harm", .timeLimit(.minutes(10))) struct HostileClientTests {
    /// What a client that reads to the end gets.
    private static func everything(_ client: inout LocalSocketClient) throws -> [String] {
        var lines: [String] = []
        while true {
            do { lines.append(try client.next()) } catch LocalSocketFailure.ended { return lines }
        }
    }

    /// The answer that a client gets who asks in time; on a busy machine one may be given up a few times before.
    private static func answerOfQuick(_ bench: SocketBench) async throws -> String {
        while true {
            do { return try await bench.client { try $0.ask("a") } } catch LocalSocketFailure.ended {}
        }
    }

    @Test("A line that has no end is refused and the call ended") func tooLong() async throws {
        var limits = LocalSocketServer.Limits()
        limits.lineLength = 100
        let bench = try SocketBench(limits: limits)
        let lines = try await bench.client { client in
            try client.send([UInt8](repeating: 1, count: 1 << 20), limit: .seconds(30))
            return try Self.everything(&client)
        }
        #expect(lines == ["too long"])
        #expect(try await bench.client { try $0.ask("a") } == ">a")
    }

    @Test("Who says nothing, or a byte now and then, is given up") func silent() async throws {
        var limits = LocalSocketServer.Limits()
        limits.patience = .milliseconds(50)
        let bench = try SocketBench(limits: limits)
        #expect(try await bench.client { try Self.everything(&$0) }.isEmpty)
        let directory = bench.directory
        try await onThread {
            let descriptor = try RawClient(directory)
            // The call ends although every byte comes in time; else this would go on for ever.
            while descriptor.send("x") { usleep(5_000) }
        }
        #expect(try await Self.answerOfQuick(bench) == ">a")
    }

    @Test("More clients than there are places are told so, and a place that is free is given") func crowd()
        async throws
    {
        var limits = LocalSocketServer.Limits()
        limits.clients = 2
        let bench = try SocketBench(limits: limits)
        let directory = bench.directory
        let lines = try await onThread {
            var first = try LocalSocketClient(directory: directory)
            var second = try LocalSocketClient(directory: directory)
            _ = (try first.ask("a"), try second.ask("b"))
            var third = try LocalSocketClient(directory: directory)
            return try Self.everything(&third)
        }
        #expect(lines == ["busy"])
        // The agent learns of the two that have gone when it looks next.
        var answer = ""
        while answer != ">c" { answer = (try? await bench.client { try $0.ask("c") }) ?? "" }
    }

    @Test("Who does not fetch its answers is cut off, and the others are served meanwhile")
    func unread() async throws {
        var limits = LocalSocketServer.Limits()
        limits.unsentBytes = 100_000
        let bench = try SocketBench(limits: limits) { line, send in
            guard line == bytes("much") else { return send(line) }
            while !Task.isCancelled {
                send([UInt8](repeating: UInt8(ascii: "x"), count: 50_000))
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        let directory = bench.directory
        try await onThread {
            let lazy = try RawClient(directory)
            #expect(lazy.send("much\n"))
            var other = try LocalSocketClient(directory: directory)
            #expect(try other.ask("a") == "a")
            // The cut shows as a failed write; else this would go on for ever.
            while lazy.send("more\n") { usleep(5_000) }
            #expect(try other.ask("b") == "b")
        }
    }

    @Test("When a client goes, the work for it ends") func gone() async throws {
        let (ends, feed) = AsyncStream<Bool>.makeStream()
        let bench = try SocketBench { line, send in
            send(line)
            try? await Task.sleep(for: .seconds(3600))
            feed.yield(Task.isCancelled)
        }
        _ = try await bench.client { try $0.ask("a") }
        var iterator = ends.makeAsyncIterator()
        #expect(await iterator.next() == true)
    }

    @Test("Who only stops sending still gets its answer") func halfClosed() async throws {
        let bench = try SocketBench()
        let directory = bench.directory
        let answer = try await onThread {
            let client = try RawClient(directory)
            #expect(client.send("a\nhalf a line"))
            client.endSending()
            return client.everything()
        }
        #expect(answer == ">a\n")
    }

    @Test("Garbage from many hurts nobody", arguments: 1...8) func garbage(seed: UInt64) async throws {
        var limits = LocalSocketServer.Limits()
        limits.lineLength = 1_000
        let bench = try SocketBench(limits: limits)
        let directory = bench.directory
        try await onThread {
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<50 {
                let client = try RawClient(directory)
                for _ in 0..<Int.random(in: 0...4, using: &generator) {
                    let count = Int.random(in: 0...600, using: &generator)
                    _ = client.send((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
                }
            }
        }
        #expect(try await bench.client { try $0.ask("a") } == ">a")
    }

    @Test("A flood of requests is answered whole, and others are served meanwhile") func flood() async throws
    {
        let bench = try SocketBench()
        let directory = bench.directory
        async let flood = onThread {
            let client = try RawClient(directory)
            Thread.detachNewThread {
                for _ in 0..<20 { _ = client.send(String(repeating: "q\n", count: 1_000)) }
                client.endSending()
            }
            return client.everything()
        }
        for _ in 0..<20 { #expect(try await bench.client { try $0.ask("a") } == ">a") }
        #expect(try await flood == String(repeating: ">q\n", count: 20_000))
    }
}

/// A client without manners.
private final class RawClient: Sendable {
    private let descriptor: CInt

    init(_ directory: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(try UnixAddress(directory + "/control.sock").connect(descriptor) == 0)
    }

    deinit { close(descriptor) }

    /// Sends all of it; `false` where the server has ended the call.
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the server ends the call.
    func everything() -> String {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &piece, piece.count, 0), count > 0 { all += piece[..<count] }
        return String(decoding: all, as: UTF8.self)
    }
}
