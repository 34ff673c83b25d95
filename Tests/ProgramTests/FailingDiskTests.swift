// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import ProgramOutput
import Testing

/// The program on a real file system that fails while it is in use: ext4 in a file, which only the agent sees.
@Suite(
    "A disk that fails in the middle, program against hub", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: OwnDisk.isPossible, OwnDisk.comment))
struct FailingDiskTests {
    private static let arguments = [
        "run", "--simulate", "--set", "telemetry.interval=100ms", "--set", "telemetry.replay-rate=1000",
        "--set", "store.sync-interval=1s", "--set", "hub.longest-wait=200ms",
    ]
    private static let unavailable = "Telemetry does not get to the disk"
    private static let available = "Telemetry gets to the disk again"

    @Test("The kernel makes it read-only; a target that comes then is on the disk that takes its place")
    func readOnly() async throws {
        try await Rig.with { rig in
            let disk = try OwnDisk(rig, "disk.img")
            // Outlives the killed program, as systemd's does.
            var agent = try rig.start(rig.lasting, Self.arguments, launcher: disk.launcher(rig))
            await rig.expectMore(of: agent)
            try disk.run(in: agent, ["mount", "-o", "remount,abort", rig.state().path])
            #expect(await agent.line(with: Self.unavailable)?.contains("dmesg") == true, "\(agent.output)")
            await rig.expectMore(of: agent)
            try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 23.25]])
            await rig.expect("the target", of: agent) { $0.reportedTarget("thermostat1")?["value"] == 23.25 }
            await rig.blackout(of: agent)
            // What was written before is on the other one; it is mounted over the first, which stays as it is.
            let other = try OwnDisk(rig, "other.img", copying: disk)
            try disk.run(in: agent, ["mount", "-o", "loop", other.image, rig.state().path])
            #expect(await agent.line(with: Self.available) != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            // It tries again once a minute.
            await rig.expect("the target stored", of: agent, within: .seconds(180)) { [agent] _ in
                agent.output.contains("What has to outlive the program is stored again")
            }
            agent.signal(SIGKILL)
            #expect(await agent.ended() == -SIGKILL, "\(agent.output)")
            #expect(
                count(Self.unavailable, agent) == 1 && count(Self.available, agent) == 1, "\(agent.output)")
            agent = try rig.start(rig.lasting, Self.arguments, launcher: other.launcher(rig))
            #expect(await agent.line(with: "23.25 °C restored") != nil, "\(agent.output)")
            await rig.expectMore(of: agent)
            await rig.stop(agent)
        }
    }

    @Test("It answers nothing for a while: live samples and commands go on, and all of the rest arrives then")
    func hanging() async throws {
        try await Rig.with { rig in
            let disk = try OwnDisk(rig, "disk.img")
            let agent = try rig.start(rig.connectionString, Self.arguments, launcher: disk.launcher(rig))
            await rig.expectMore(of: agent)
            try disk.run(in: agent, ["fsfreeze", "--freeze", rig.state().path])
            // A process that waits for a frozen disk cannot be killed.
            let isAlive = await whileFrozen(rig, agent)
            try disk.run(in: agent, ["fsfreeze", "--unfreeze", rig.state().path])
            #expect(isAlive)
            await rig.expectMore(of: agent)
            await rig.stop(agent)
        }
    }

    /// Whether the agent does its work beside a disk that hangs; must not throw.
    private func whileFrozen(_ rig: Rig, _ agent: AgentProcess) async -> Bool {
        await rig.expectMore(50, of: agent)
        let report = try? await rig.call("thermostat1*getMaxMinReport", "2020-01-01T00:00:00Z")
        #expect(report?.status == 503, "answered, though what was before is on the disk")
        await rig.hub.setFault(Fault(.refuseConnect(code: 3), count: 2))
        await rig.hub.dropConnections()
        let before = await rig.hub.telemetry().count
        let isBack = await rig.hub.wait(upTo: .seconds(180)) { $0.telemetry().count > before + 30 }
        return isBack
    }

    private func count(_ text: String, _ agent: AgentProcess) -> Int {
        agent.output.split(separator: "\n").count { $0.contains(text) }
    }
}

/// A disk of 16 MB in a file, with ext4 on it.
private struct OwnDisk {
    static let isPossible =
        HostProgram.areRequired
        || OwnMount.isPossible && access("/dev/loop-control", R_OK | W_OK) == 0
            && access("/usr/sbin/mkfs.ext4", X_OK) == 0
    static let comment: Comment = "needs root, loop devices and mkfs.ext4"

    let image: String

    init(_ rig: Rig, _ name: String) throws {
        image = rig.folder.url.appendingPathComponent(name).path
        #expect(OwnMount.run(["/usr/bin/truncate", "--size=16M", image]) == 0)
        try #require(OwnMount.run(["/usr/sbin/mkfs.ext4", "-q", "-F", image]) == 0)
    }

    /// The same disk once more, as it was last written.
    init(_ rig: Rig, _ name: String, copying other: OwnDisk) throws {
        image = rig.folder.url.appendingPathComponent(name).path
        try FileManager.default.copyItem(atPath: other.image, toPath: image)
    }

    /// A command that mounts it on the state directory and becomes what follows it.
    func launcher(_ rig: Rig) -> [String] {
        [
            "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            #"mkdir -p "$0" && mount -o loop "$1" "$0" && chmod 700 "$0" && shift && exec "$@""#,
            rig.state().path, image,
        ]
    }

    /// Runs a command where the agent sees its disk.
    func run(in agent: AgentProcess, _ command: [String]) throws {
        let entering = ["/usr/bin/nsenter", "--target", "\(agent.identifier)", "--mount"]
        try #require(OwnMount.run(entering + command) == 0, "\(command)")
    }
}
