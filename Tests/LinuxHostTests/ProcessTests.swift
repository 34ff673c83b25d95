// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

/// The fixture in a process of its own, spoken to by its standard streams.
private final class Fixture {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String] = [], input: Any? = nil) throws {
        // Test bundle and executables are built into one directory.
        let products = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: products).deletingLastPathComponent()
            .appendingPathComponent("LinuxHostFixture")
        process.arguments = arguments
        process.standardInput = input ?? self.input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    func type(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func endInput() throws { try input.fileHandleForWriting.close() }

    func signal(_ number: CInt) { kill(process.processIdentifier, number) }

    /// The next line of its output; `nil` at the end.
    func line() -> String? {
        var bytes: [UInt8] = []
        while let byte = (try? output.fileHandleForReading.read(upToCount: 1))?.first {
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    func status() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite("A process with signals, input and a lock", .timeLimit(.minutes(1))) struct ProcessTests {
    @Test("SIGTERM and SIGINT arrive as elements and end nothing by themselves")
    func signals() throws {
        let fixture = try Fixture(input: FileHandle.nullDevice)
        #expect(Set([fixture.line(), fixture.line()]) == ["ready", "end of input"])
        for _ in 0..<3 {
            fixture.signal(SIGTERM)
            #expect(fixture.line() == "SIGTERM")
        }
        fixture.signal(SIGINT)
        #expect(fixture.line() == "SIGINT")
        #expect(fixture.status() == 0)
        #expect(fixture.process.terminationReason == .exit)
    }

    @Test("Lines of input arrive, and its end only ends their sequence")
    func input() throws {
        let fixture = try Fixture()
        #expect(fixture.line() == "ready")
        try fixture.type("q\r\nhalf")
        #expect(fixture.line() == "line q")
        try fixture.type(" a line\n\nlast")
        #expect(fixture.line() == "line half a line")
        #expect(fixture.line() == "line ")
        try fixture.endInput()
        #expect(fixture.line() == "line last")
        #expect(fixture.line() == "end of input")
        fixture.signal(SIGINT)
        #expect(fixture.line() == "SIGINT")
        #expect(fixture.status() == 0)
    }

    @Test("A second process is told which one holds the lock, and a killed one gives it back")
    func lock() throws {
        let tree = try FakeTree()
        let directory = tree.root + "/state/agent"
        let first = try Fixture([directory])
        #expect(first.line() == "ready")
        let second = try Fixture([directory])
        let said = try #require(second.line())
        #expect(said.contains("process \(first.process.processIdentifier)"))
        #expect(said.contains("STATE_DIRECTORY"))
        #expect(second.status() == 3)
        first.signal(SIGKILL)
        _ = first.status()
        let third = try Fixture([directory])
        #expect(third.line() == "ready")
        third.signal(SIGINT)
        #expect(third.status() == 0)
    }
}

@Suite("InstanceLock") struct InstanceLockTests {
    @Test("It makes its directory and file for the owner only, and goes with its value")
    func life() throws {
        let tree = try FakeTree()
        let directory = tree.root + "/a/b"
        do {
            let lock = try InstanceLock(directory: directory)
            #expect(throws: InstanceLock.Failure.held(path: directory + "/sensor-agent.lock", pid: getpid()))
            {
                _ = try InstanceLock(directory: directory)
            }
            _ = consume lock
        }
        _ = try InstanceLock(directory: directory)
        for (path, expected) in [("/a", 0o700), ("/a/b", 0o700), ("/a/b/sensor-agent.lock", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: tree.root + path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == expected)
        }
    }

    @Test("A holder whose number cannot be read is still a holder")
    func unreadable() throws {
        let tree = try FakeTree()
        let lock = try InstanceLock(directory: tree.root)
        try tree.add("/other", [])
        let path = tree.root + "/sensor-agent.lock"
        truncate(path, 0)
        #expect(throws: InstanceLock.Failure.held(path: path, pid: nil)) {
            _ = try InstanceLock(directory: tree.root)
        }
        _ = consume lock
    }

    @Test("A place that cannot be is an error that names it", arguments: ["/dev/null/x", "/proc/none"])
    func nowhere(directory: String) {
        let error = #expect(throws: InstanceLock.Failure.self) { _ = try InstanceLock(directory: directory) }
        guard case .system(let cause)? = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(cause.location.hasPrefix(directory))
        #expect(cause.errno != 0)
    }
}

@Suite("LineAssembler") struct LineAssemblerTests {
    @Test("A line without end is cut, and the next one is whole")
    func cut() {
        var assembler = LineAssembler()
        #expect(assembler.append([UInt8](repeating: 0x61, count: 100_000)).isEmpty)
        let lines = assembler.append(Array("\nq\n".utf8))
        #expect(lines.map(\.count) == [LineAssembler.limit, 1])
        #expect(assembler.finish() == nil)
    }
}
