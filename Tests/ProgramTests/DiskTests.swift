// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import ProgramOutput
import Testing

/// The program on a disk that takes nothing for a while: it goes on, says so once, and loses nothing.
///
/// The state directory is a file system of its own, which only the agent sees.
@Suite("A disk that takes nothing, program against hub", .timeLimit(.minutes(10))) struct DiskTests {
    private static let arguments = [
        "run", "--simulate", "--set", "telemetry.interval=100ms", "--set", "telemetry.replay-rate=1000",
        "--set", "store.sync-interval=1s", "--set", "hub.longest-wait=200ms",
    ]
    private static let unavailable = "Telemetry does not get to the disk"
    private static let available = "Telemetry gets to the disk again"

    @Test("A full disk", .enabled(if: OwnMount.isPossible, OwnMount.comment)) func full() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString, Self.arguments, launcher: OwnMount.launcher(rig, "size=1m,mode=700"))
            await rig.expectMore(of: agent)
            let filler = URL(fileURLWithPath: "/proc/\(agent.identifier)/root\(rig.state().path)/filler")
            try fill(filler)
            #expect(await agent.line(with: Self.unavailable)?.contains("df -h") == true, "\(agent.output)")
            await rig.expectMore(of: agent)
            await rig.blackout(of: agent)
            try FileManager.default.removeItem(at: filler)
            #expect(await agent.line(with: Self.available) != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            await rig.stop(agent)
            #expect(
                count(Self.unavailable, agent) == 1 && count(Self.available, agent) == 1, "\(agent.output)")
        }
    }

    @Test("A disk that is read-only at the start", .enabled(if: OwnMount.isPossible, OwnMount.comment))
    func readOnly() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString, Self.arguments, launcher: OwnMount.launcher(rig, "ro,mode=700"))
            let said = await agent.line(with: "State is kept in memory only")
            #expect(said?.contains("Mount it writable") == true, "\(agent.output)")
            await rig.expectMore(of: agent)
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23.25]])
            await rig.expect("the target", of: agent) { $0.reportedTarget("thermostat1")?["value"] == 23.25 }
            await rig.blackout(of: agent)
            await OwnMount.remount(rig, of: agent, "rw")
            #expect(await agent.line(with: "nothing of the state is lost") != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            let names = try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(agent.identifier)/root\(rig.state().path)")
            #expect(names.contains("state.sqlite"))
            await rig.stop(agent)
            #expect(count("State is kept in memory only", agent) == 1, "\(agent.output)")
            #expect(count(Self.unavailable, agent) == 1, "\(agent.output)")
        }
    }

    @Test(
        "A second agent on a read-only disk is refused", .enabled(if: OwnMount.isPossible, OwnMount.comment))
    func second() async throws {
        try await Rig.with { rig in
            let agent = try rig.start(
                rig.connectionString, Self.arguments, launcher: OwnMount.launcher(rig, "ro,mode=700"))
            await rig.expectMore(of: agent)
            let other = try rig.start(
                rig.connectionString, Self.arguments,
                launcher: ["/usr/bin/nsenter", "--target", "\(agent.identifier)", "--mount"])
            let (status, lines) = await other.result()
            #expect(status == 73, "\(lines)")
            #expect(lines.last?.contains("Another sensor-agent uses") == true, "\(lines)")
            await rig.stop(agent)
        }
    }

    @Test("A limit on the size of files, which both tiers meet; after it, kill -9 loses nothing")
    func limited() async throws {
        try await Rig.with { rig in
            var agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expectMore(of: agent)
            await limitFiles(of: agent, to: "4096")
            #expect(await agent.line(with: "kept in memory only") != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            await rig.blackout(of: agent)
            await limitFiles(of: agent, to: "unlimited")
            #expect(
                await agent.line(with: "samples outlive the program from now on") != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            agent.signal(SIGKILL)
            #expect(await agent.ended() == -SIGKILL, "\(agent.output)")
            #expect(count("kept in memory only", agent) == 1, "\(agent.output)")
            agent = try rig.start(rig.lasting, Self.arguments)
            await rig.expectMore(of: agent)
            await rig.stop(agent)
        }
    }

    private func fill(_ file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4_096)
        while write(descriptor, block, block.count) > 0 {}
        #expect(errno == ENOSPC)
    }

    /// Limits the files of a running process, as `LimitFSIZE=` of systemd does from the start.
    private func limitFiles(of agent: AgentProcess, to bytes: String) async {
        let command = ["/usr/bin/prlimit", "--pid", "\(agent.identifier)", "--fsize=\(bytes):"]
        #expect(await onThread { OwnMount.run(command) } == 0)
    }

    private func count(_ text: String, _ agent: AgentProcess) -> Int {
        agent.output.split(separator: "\n").count { $0.contains(text) }
    }
}

/// A file system on the state directory that only one agent sees.
enum OwnMount {
    /// Whether this process may mount.
    static let isPossible =
        HostProgram.areRequired
        || run(["/usr/bin/unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]) == 0
    static let comment: Comment = "only root may mount a file system for the agent"

    /// A command that mounts a `tmpfs` with these options and becomes what follows it.
    static func launcher(_ rig: Rig, _ options: String) -> [String] {
        [
            "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            #"mkdir -p "$0" && mount -t tmpfs -o "$1" tmpfs "$0" && shift && exec "$@""#, rig.state().path,
            options,
        ]
    }

    static func remount(_ rig: Rig, of agent: AgentProcess, _ option: String) async {
        let command = [
            "/usr/bin/nsenter", "--target", "\(agent.identifier)", "--mount", "mount", "-o",
            "remount,\(option)", rig.state().path,
        ]
        #expect(await onThread { run(command) } == 0)
    }

    static func run(_ command: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
