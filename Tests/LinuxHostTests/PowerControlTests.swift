// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput
import Testing

@testable import LinuxHost

/// A real message bus of its own with a stand-in for systemd-logind on it.
private final class PrivateBus {
    static let isPossible: Bool = {
        let check = Process()
        check.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        check.arguments = ["-c", "import dbus.mainloop.glib, gi.repository.GLib"]
        check.standardError = FileHandle.nullDevice
        guard (try? check.run()) != nil else { return false }
        check.waitUntilExit()
        return check.terminationStatus == 0
            && FileManager.default.isExecutableFile(atPath: "/usr/bin/dbus-daemon")
    }()

    private let folder: URL
    private let daemon = Process()
    private let logind = Process()
    private let words: FileHandle

    init(_ mode: String?) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("bus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = folder.appendingPathComponent("bus.conf")
        let address = "unix:path=\(folder.path)/socket"
        try Data(
            """
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
             "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig><type>session</type><listen>\(address)</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
            <allow own="*"/></policy>
            </busconfig>
            """.utf8
        ).write(to: configuration)
        let said = Pipe()
        daemon.executableURL = URL(fileURLWithPath: "/usr/bin/dbus-daemon")
        daemon.arguments = [
            "--config-file=\(configuration.path)", "--nofork", "--print-address=1", "--nopidfile",
        ]
        daemon.standardOutput = said
        try daemon.run()
        // It says its address when it listens.
        _ = said.fileHandleForReading.availableData
        setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1)
        let pipe = Pipe()
        words = pipe.fileHandleForReading
        guard let mode else { return }
        logind.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        logind.arguments = [
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Logind/logind-stand-in").path, address, mode,
        ]
        logind.standardOutput = pipe
        try logind.run()
        #expect(word() == "ready\n")
    }

    /// The line that the stand-in says next, in one piece or several.
    func word() -> String {
        var line = ""
        while !line.hasSuffix("\n"), case let more = words.availableData, !more.isEmpty {
            line += String(decoding: more, as: UTF8.self)
        }
        return line
    }

    func end() {
        for process in [logind, daemon] where process.isRunning {
            // They inherit what the test runner does with signals, so only this one is sure to end them.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        unsetenv("DBUS_SYSTEM_BUS_ADDRESS")
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite(
    "Asking logind over a real bus", .serialized, .timeLimit(.minutes(10)),
    .enabled(
        if: PrivateBus.isPossible || HostProgram.areRequired, "needs dbus-daemon, python3-dbus and python3-gi"
    ))
struct LogindTests {
    private func news(_ mode: String?) async throws -> (news: [PowerControl.News], word: String) {
        let bus = try PrivateBus(mode)
        defer { bus.end() }
        var all: [PowerControl.News] = []
        for await item in PowerControl.logind.reboot() { all.append(item) }
        return (all, mode == nil ? "" : bus.word())
    }

    @Test("A reboot is asked for without a password, and its signal is seen") func reboot() async throws {
        let (news, word) = try await news("well")
        #expect(news == [.goingDown])
        #expect(word == "reboot False\n")
    }

    @Test("A refusal is told in the words of the machine") func denied() async throws {
        let (news, _) = try await news("denied")
        #expect(news == [.refused("systemd-logind refused: Permission denied")])
    }

    @Test("Without logind on the bus, and without a bus, the reason is told") func nobody() async throws {
        guard case .refused(let reason)? = try await news(nil).news.first else {
            Issue.record("it was not refused")
            return
        }
        #expect(reason.hasPrefix("systemd-logind refused: "), "\(reason)")
        setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", 1)
        defer { unsetenv("DBUS_SYSTEM_BUS_ADDRESS") }
        let inhibitor = await PowerControl.logind.inhibitor()
        #expect(inhibitor == "the system bus does not answer: No such file or directory")
    }

    @Test(
        "Only what blocks a shutdown is an inhibitor",
        arguments: [("held", "apt: upgrading"), ("delayed", nil), ("well", nil)])
    func inhibitors(mode: String, text: String?) async throws {
        let bus = try PrivateBus(mode)
        defer { bus.end() }
        #expect(await PowerControl.logind.inhibitor() == text)
    }
}

extension LogindTests {
    @Test(
        "systemd-timedated tells whether the clock is synchronised; who does not answer vouches for nothing",
        arguments: [("synchronised", true), ("well", false), (nil, false)])
    func timeService(mode: String?, isSynchronised: Bool) throws {
        let bus = try PrivateBus(mode)
        defer { bus.end() }
        let question = TimeServiceQuestion()
        let start = ContinuousClock.now
        #expect(!question.answer(at: start))
        #expect(question.answer(at: start.advanced(by: .seconds(60))) == isSynchronised)
    }
}

@Suite("Asking by a program", .timeLimit(.minutes(10)))
struct CommandPowerTests {
    @Test(
        "Another exit code than 0 and a program that cannot be started are refusals; all else is waited for",
        arguments: [
            (["/bin/sh", "-c", "exit 0"], []), (["/bin/sh", "-c", "kill -9 $$"], []),
            (["/bin/sh", "-c", "exit 3"], ["/bin/sh ended with exit code 3"]),
            (["/nonexistent"], ["/nonexistent cannot be started: No such file or directory"]),
            (["/bin/sh", "-c", "test \"$0-$1\" = \"a b-c\"", "a b", "c"], []),
            // A program that inherits an ignored signal could not be stopped.
            (["/bin/sh", "-c", "kill -TERM $$; exit 4"], []),
        ])
    func command(words: [String], refusals: [String]) async {
        var all: [PowerControl.News] = []
        for await item in PowerControl.command(words).reboot() { all.append(item) }
        #expect(all == refusals.map { .refused($0) })
        #expect(await PowerControl.command(words).inhibitor() == nil)
    }
}
