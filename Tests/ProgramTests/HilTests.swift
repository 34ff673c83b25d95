// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// `scripts/hil` on a machine without a board.
///
/// That its checks find what they are for, `PackageTests` shows.
@Suite("The checks for a real board", .timeLimit(.minutes(10)))
struct HilTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let script = tests.appendingPathComponent("../../scripts/hil").standardized.path
    private static let board = tests.appendingPathComponent("Hil/stand-in-board").path
    private static let steps = [
        "scan", "check", "read", "ready", "relay-on", "relay-off", "kill", "hang", "restart", "stop",
    ]

    private func run(
        _ words: [String], path: String = "/nonexistent"
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = words
        process.environment = ["PATH": path, "PYTHONUTF8": "1"]
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // Both are short enough for their pipes.
        let words = [output, errors].map { pipe in
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        process.waitUntilExit()
        return (process.terminationStatus, words[0], words[1])
    }

    @Test("A dry run says what would be done, and runs nothing") func dryRun() throws {
        let result = try run([Self.script, "pi@board.invalid", "--dry-run", "--relay", "pin-12"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.first == "On pi@board.invalid, with pin-12 looped to GPIO27 through 1 kΩ:")
        #expect(
            lines.dropFirst().map { $0.drop { " 0123456789.".contains($0) }.prefix { $0 != ":" } }
                == Self.steps.map { $0[...] })
    }

    @Test("On the board each check is in the report, until one fails", arguments: [true, false])
    func report(isGood: Bool) throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appendingPathComponent("report.json").path
        let settings = folder.url.appendingPathComponent("settings").path
        let result = try run([
            Self.board, Self.script, settings, isGood ? "good" : "stuck", "--report", file,
        ])
        #expect(result.status == (isGood ? 0 : 1), "\(result.errors)")
        let report = try JSON(parsing: String(contentsOfFile: file, encoding: .utf8))
        let checks = try #require(report["checks"]?.array)
        #expect(checks.map { $0["name"]?.string } == (isGood ? Self.steps : Array(Self.steps.prefix(7))))
        #expect(report["passed"]?.bool == isGood && checks.last?["passed"]?.bool == isGood)
        #expect(checks.dropLast().allSatisfy { $0["passed"] == true && $0["reason"] == nil })
        #expect(report["relay"] == "pin-11" && report["input"] == "GPIO27")
        for name in ["model", "system", "kernel", "architecture", "version"] {
            #expect(report["board"]?[name]?.string?.isEmpty == false, "\(name)")
        }
        #expect(report["time"]?.string?.hasSuffix("+00:00") == true)
        let kill = try #require(checks.first { $0["name"] == "kill" })
        if isGood {
            #expect(
                kill["relayOffSeconds"]?.double.map { (0..<10).contains($0) } == true
                    && kill["backSeconds"] != nil)
        } else {
            #expect(kill["reason"] == "the input is still high after 10 s")
        }
    }

    @Test("Over ssh the board runs this very script, and its report and verdict come back") func ssh() throws
    {
        let folder = try TemporaryFolder()
        let settings = folder.url.appendingPathComponent("settings").path
        let program = folder.url.appendingPathComponent("ssh")
        try """
        #!/bin/sh
        [ "$*" = "-o BatchMode=yes pi@board sudo -n python3 - local --relay pin-11 --input GPIO27" ] || exit 9
        cmp - '\(Self.script)' || exit 8
        exec '\(Self.board)' '\(Self.script)' '\(settings)' stuck
        """.write(to: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        let path = "\(folder.url.path):/usr/bin:/bin"
        let result = try run([Self.script, "pi@board"], path: path)
        #expect(result.status == 1, "\(result.errors)")
        #expect(try JSON(parsing: result.output)["passed"] == false)
        #expect(result.errors.contains("hil: kill: the input is still high after 10 s\n"))

        let unreachable = try run([Self.script, "pi@elsewhere"], path: path)
        #expect(unreachable.status == 2 && unreachable.errors.contains("ssh pi@elsewhere ended with 9"))
    }

    @Test("Without ssh, or without a folder for the report, it says so and does nothing") func unable() throws
    {
        let noSSH = try run([Self.script, "pi@board"])
        #expect(noSSH.status == 2 && noSSH.errors.hasPrefix("hil: [Errno 2]"), "\(noSSH.errors)")
        let noFolder = try run([Self.script, "local", "--report", "/nonexistent/report.json"])
        #expect(noFolder.status == 2)
        #expect(
            noFolder.errors
                == "hil: there is no folder for the report /nonexistent/report.json: make it, or name another file\n"
        )
    }
}
