// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import ProgramOutput
import Synchronization

/// The built `sensor-agent`, started as a user would start it.
final class AgentProcess: Sendable {
    /// The program beside the test runner, where the build puts it, or `SENSOR_AGENT_BINARY`.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["SENSOR_AGENT_BINARY"] { return path }
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: runner).deletingLastPathComponent().appendingPathComponent("sensor-agent")
            .path
    }()

    private let process = Process()
    private let input = Pipe()
    private let collected = Mutex("")
    private let exit: AsyncStream<Int32>
    private let lines: AsyncStream<String>
    private let unheard: Pipe?
    /// Where its socket is, unless the environment says otherwise; else the tests' agents would meet in `/run`.
    private let ownRuntime: TemporaryFolder

    /// That directory.
    var runtime: URL { ownRuntime.url }

    /// Starts a command that asks the agent with this runtime directory, and finds no configuration.
    convenience init(asking runtime: URL, _ arguments: [String], _ more: [String: String] = [:]) throws {
        let surroundings = ["RUNTIME_DIRECTORY": runtime.path, "XDG_CONFIG_HOME": "/nonexistent"]
        try self.init(arguments, environment: surroundings.merging(more) { $1 })
    }

    /// Starts the program with only these variables (and `PATH` and a `RUNTIME_DIRECTORY`) in its environment.
    ///
    /// With `isHeard` false, its output goes to a full pipe that nobody reads. `launcher` is a command that becomes the
    /// program, as `unshare` does.
    init(
        _ arguments: [String], environment: [String: String], isHeard: Bool = true, launcher: [String] = []
    ) throws {
        let output = Pipe()
        if !isHeard { Self.fill(output.fileHandleForWriting.fileDescriptor) }
        let command = launcher + [Self.path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        let file = arguments.last { $0.hasSuffix(".toml") }
        ProgramOutput.noteSecrets(
            environment,
            configuration: file.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? "")
        ownRuntime = try TemporaryFolder()
        process.environment = environment.merging(
            ["PATH": "/usr/bin:/bin", "RUNTIME_DIRECTORY": ownRuntime.url.path]
        ) { given, _ in given }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        let (exit, exitFeed) = AsyncStream<Int32>.makeStream()
        let (lines, lineFeed) = AsyncStream<String>.makeStream()
        (self.exit, self.lines) = (exit, lines)
        let status: @Sendable (Process) -> Void = { [input] process in
            // A death by signal must not pass for an exit code.
            exitFeed.yield(
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
            exitFeed.finish()
            // Foundation keeps what a process was started with, and crashes beyond 1024 descriptors.
            try? input.fileHandleForWriting.close()
        }
        process.terminationHandler = status
        try process.run()
        let reader = output.fileHandleForReading
        guard isHeard else {
            unheard = output
            return
        }
        unheard = nil
        Thread.detachNewThread { [self] in
            var rest = Data()
            while let chunk = Self.read(reader.fileDescriptor) {
                rest += chunk
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest = Data(rest[rest.index(after: end)...])
                    collected.withLock { $0 += line + "\n" }
                    ProgramOutput.keep(line)
                    lineFeed.yield(line)
                }
            }
            lineFeed.finish()
            try? reader.close()
        }
    }

    /// The next bytes, or `nil` at the end; `availableData` ends the whole process where a signal interrupts it.
    private static func read(_ descriptor: Int32) -> ArraySlice<UInt8>? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 { return buffer[..<count] }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    private static func fill(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        while write(descriptor, "full", 4) > 0 {}
        _ = fcntl(descriptor, F_SETFL, flags)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// All that was written so far.
    var output: String { collected.withLock { $0 } }

    /// Waits for a line with `text`; returns it, or `nil` when the program ended without one.
    func line(with text: String) async -> String? {
        for await line in lines where line.contains(text) { return line }
        return nil
    }

    /// The process, for what the kernel tells of it.
    var identifier: Int32 { process.processIdentifier }

    /// Sends a signal.
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Sends a signal and waits for the end; how long that took.
    ///
    /// On a thread of its own, which only waits for the kernel's word: what keeps the tests' own threads busy is not
    /// counted as the program's time.
    func timeToEnd(after number: Int32) async -> Duration {
        let process = identifier
        return await onThread {
            let start = ContinuousClock.now
            kill(process, number)
            var information = siginfo_t()
            // Without reaping, which is `Process`'s; where that was faster, the process has ended as well.
            while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            return start.duration(to: .now)
        }
    }

    /// Writes to the program's standard input.
    func type(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    /// Ends the program's standard input.
    func endInput() { try? input.fileHandleForWriting.close() }

    /// Waits for the end and for the last words; the exit code, and all lines.
    func result() async -> (status: Int32, lines: [String]) {
        let status = await ended()
        // The pipe may hold words after the process has gone.
        while await line(with: "\u{0}") != nil {}
        return (status, output.split(separator: "\n").map(String.init))
    }

    /// Waits for the end; the exit code, or the negative number of the signal that killed it, or -1 for a test that ran
    /// out of time.
    func ended() async -> Int32 {
        for await status in exit { return status }
        return -1
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "sensor-agent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file that only its owner can read, as one with a key has to be; returns its path.
    func write(_ text: String, to name: String) throws -> String {
        let file = url.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }
}
