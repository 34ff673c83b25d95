// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import ProgramOutput
import Synchronization
import Testing

/// Where the interpreter with Microsoft's packages and the scripts are.
enum PythonEnvironment {
    /// Said when the suites are skipped, or fail for that reason.
    static let reason =
        "no Python environment with Microsoft's SDKs: run Tests/InteropTests/make-venv, or set INTEROP_PYTHON"

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// The interpreter: `INTEROP_PYTHON`, or the one in the project's `.cache/interop-venv`; nil without either.
    static let interpreter: URL? = {
        if let path = ProcessInfo.processInfo.environment["INTEROP_PYTHON"] {
            return URL(fileURLWithPath: path)
        }
        let path = folder.appendingPathComponent("../../.cache/interop-venv/bin/python").standardized.path
        return FileManager.default.isExecutableFile(atPath: path) ? URL(fileURLWithPath: path) : nil
    }()

    /// A script beside this file.
    static func script(_ name: String) -> URL {
        folder.appendingPathComponent("Python").appendingPathComponent(name)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, with the reason, without a Python environment; `SENSOR_AGENT_REQUIRE_ALL=1` makes that a failure.
    static var needsPythonEnvironment: Self {
        let isThere = PythonEnvironment.interpreter != nil
        return .enabled(if: HostProgram.areRequired || isThere, Comment(rawValue: PythonEnvironment.reason))
    }
}

/// Why a Python program did not do what the test wanted.
enum PythonFailure: Error, Equatable {
    /// The SDK raised an exception.
    case raised(type: String, message: String)
    /// The program ended, or wrote something that is no answer.
    case noAnswer(String)
}

/// A running Python program that reads requests and writes lines.
final class PythonProgram: Sendable {
    private let process = Process()
    private let input: FileHandle
    private let lines: AsyncStream<String>

    /// Starts the script with the given environment added to this process's own.
    init(_ script: String, environment: [String: String]) throws {
        guard let interpreter = PythonEnvironment.interpreter else {
            throw PythonFailure.noAnswer(PythonEnvironment.reason)
        }
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = interpreter
        process.arguments = ["-u", PythonEnvironment.script(script).path]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        self.input = input.fileHandleForWriting
        lines = Self.lines(of: output.fileHandleForReading)
        try process.run()
    }

    /// Ends the program and waits until it is gone.
    func end() {
        // The pipe may be broken already by a program that ended by itself.
        try? input.close()
        process.terminate()
        process.waitUntilExit()
    }

    /// The next line the program writes; nil when it has ended.
    func nextLine() async -> String? {
        var iterator = lines.makeAsyncIterator()
        return await iterator.next()
    }

    /// Writes one line to the program.
    func write(_ line: String) throws {
        try input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Has a driver script do something; returns what came of it, throws what the SDK raised.
    @discardableResult
    func call(_ name: String, _ arguments: [String: JSON] = [:]) async throws -> JSON {
        var request = arguments
        request["do"] = .string(name)
        try write(JSON.object(request).text)
        guard let line = await nextLine() else { throw PythonFailure.noAnswer("ended during \(name)") }
        let answer = try JSON(parsing: line)
        if let value = answer["ok"] { return value }
        guard let type = answer["error"]?.string else { throw PythonFailure.noAnswer(line) }
        throw PythonFailure.raised(type: type, message: answer["message"]?.string ?? "")
    }

    private static func lines(of handle: FileHandle) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let pending = Mutex(Data())
        handle.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                continuation.finish()
                return
            }
            let complete = pending.withLock { pending in
                pending.append(data)
                var lines = pending.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                pending = lines.removeLast()
                return lines.map { String(decoding: $0, as: UTF8.self) }
            }
            for line in complete { continuation.yield(line) }
        }
        return stream
    }
}
