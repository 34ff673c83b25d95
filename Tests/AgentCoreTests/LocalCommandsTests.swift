// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import StrictJSON
import Synchronization
import Testing

@Suite("Requests to the running agent") struct LocalCommandsTests {
    private let commands: LocalCommands = {
        var commands = LocalCommands()
        commands.register("echo") { arguments, progress throws(LocalError) in
            guard let steps = arguments["steps"]?.intValue else {
                throw LocalError(.badArguments, "\"steps\" must be a number.")
            }
            for step in 0..<steps { progress(["step": .int(step)]) }
            return arguments
        }
        commands.register("never") { _, _ throws(LocalError) in throw LocalError(.failed, "It failed.") }
        return commands
    }()

    private func replies(_ line: String) async -> [LocalReply?] {
        let lines = SentLines()
        await commands.answer(Array(line.utf8)) { lines.append($0) }
        return lines.all.map(LocalReply.init(line:))
    }

    private func error(_ line: String) async throws -> LocalError {
        let replies = await replies(line)
        #expect(replies.count == 1)
        guard case .error(let error)?? = replies.first else {
            throw LocalError(.failed, "no error: \(replies)")
        }
        return error
    }

    @Test("A command's progress comes before its result") func progress() async {
        let request = LocalRequest("echo", ["steps": 2])
        #expect(
            await replies(String(decoding: request.line, as: UTF8.self)) == [
                .progress(["step": 0]), .progress(["step": 1]), .result(["steps": 2]),
            ])
    }

    @Test("The lines are as documented") func wire() {
        #expect(
            String(decoding: LocalRequest("read").line, as: UTF8.self)
                == #"{"arguments":{},"command":"read","version":1}"#)
        #expect(
            String(decoding: LocalReply.result([1]).line, as: UTF8.self) == #"{"result":[1],"version":1}"#)
        #expect(
            String(decoding: LocalReply.error(LocalError(.failed, "x")).line, as: UTF8.self)
                == #"{"error":{"code":"failed","message":"x"},"version":1}"#)
    }

    @Test("Arguments may be left out") func noArguments() async throws {
        #expect(try await error(#"{"version":1,"command":"never"}"#) == LocalError(.failed, "It failed."))
    }

    @Test(
        "What is no request gets an error that says what is wrong with it",
        arguments: [
            ("", "bad-json", "byte 0"), ("{", "bad-json", "JSON"), ("\u{0}\u{1}", "bad-json", "JSON"),
            ("[]", "bad-request", "an array"), ("1", "bad-request", "a number"),
            (#"{"command":"echo"}"#, "bad-version", "has none"),
            (#"{"version":2,"command":"echo"}"#, "bad-version", "has 2"),
            (#"{"version":"1","command":"echo"}"#, "bad-version", "Restart"),
            (#"{"version":1}"#, "bad-request", "\"command\" is missing"),
            (#"{"version":1,"command":7}"#, "bad-request", "\"command\" is a number"),
            (#"{"version":1,"command":"echo","arguments":[]}"#, "bad-request", "not an array"),
            (#"{"version":1,"command":"echo","argument":{}}"#, "bad-request", "\"argument\" is unknown"),
            (#"{"version":1,"command":"ehco"}"#, "unknown-command", "it knows echo, never"),
            (#"{"version":1,"command":"echo"}"#, "bad-arguments", "steps"),
        ])
    func wrong(line: String, code: String, words: String) async throws {
        let error = try await error(line)
        #expect(error.code.rawValue == code)
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test("Of a reply that is not understood nothing is made, of an error of any version the error is")
    func replyParsing() {
        for line in [
            "", "{}", "[1]", #"{"version":1}"#, #"{"version":2,"result":1}"#, #"{"version":1,"error":1}"#,
        ] {
            #expect(LocalReply(line: Array(line.utf8)) == nil, "\(line)")
        }
        #expect(
            LocalReply(line: Array(#"{"version":9,"error":{"code":"c","message":"m"}}"#.utf8))
                == .error(LocalError(.init(rawValue: "c"), "m")))
    }

    @Test("Random bytes never get anything but one error") func fuzz() async throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array(#"{}[]":,0123456789.eE+-\u versioncommandargumentstruefalsenull"#.utf8)
        for _ in 0..<2_000 {
            let line = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            _ = try await error(String(decoding: line, as: UTF8.self))
        }
    }
}

private final class SentLines: Sendable {
    private let lines = Mutex<[[UInt8]]>([])
    var all: [[UInt8]] { lines.withLock { $0 } }
    func append(_ line: [UInt8]) { lines.withLock { $0.append(line) } }
}
