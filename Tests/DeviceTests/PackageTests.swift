// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Foundation
import LocalHub
import Simulation
import Testing

/// The package in a Debian with systemd: what apt, systemd and the kernel make of it, in a machine of its own.
@Suite(.skipped(because: InstalledPackage.obstacle), .serialized, .timeLimit(.minutes(20)))
struct PackageTests {
    static let deviceID = "packaged"
    static let cellar = DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 11.5)
    private static let configuration = """
        [hub]
        connection-string-file = "/run/credentials/sensor-agent.service/connection"
        ca-file = "ca.pem"

        [sensors.living]
        driver = "tmp102"
        bus = "usb"
        address = 0x48
        interval = "1s"

        [sensors.cellar]
        driver = "ds18b20"
        id = "\(cellar.rom.id)"

        [telemetry]
        interval = "1s"

        [outputs]
        enabled = true

        [reboot]
        mode = "logind"
        minimum-uptime = "0s"
        per-hour = 2
        respects = "nothing"

        [thermostat1]
        sensor = "living"
        mode = "heat"
        target = 20

        [thermostat1.relay]
        line = "viperboard gpio a:5"
        minimum-on = "1s"
        minimum-off = "3s"

        [thermostat2]
        sensor = "cellar"

        """

    /// Cold, so that the heater is wanted; a target of 34 °C is never reached.
    let room = HeatedRoom(celsius: 15)

    @Test(
        "The package installs, runs locked in, survives death, hang, upgrade and reboot with its relay off, and goes"
    )
    func life() async throws {
        var configuration = MachineConfiguration.debian(try DebianImage.find())
        configuration.spareModules = []
        configuration.bootsAgain = true
        try await EmulatedMachine.withMachine(configuration) { machine in
            print("Debian: takes commands \(machine.bootTime) after QEMU's start")
            let package = InstalledPackage(machine: machine)
            async let _ = room.live()
            let chips = try await machine.plug(room.relay, as: "relay")
            try await machine.withThermometers([Self.cellar], on: room.thermometer) { bus in
                try await waitsForSettings(package, devices: [bus.device, chips.a])
                try await withHub(package) { server in
                    try await package.configure(Self.configuration, deviceID: Self.deviceID, hub: server)
                    try await starts(package, server.hub)
                    try await isLockedIn(package)
                    try await survivesDeath(package)
                    try await survivesHanging(package)
                    try await survivesUpgrade(package)
                    try await passesBoardChecks(package)
                    try await isInhibited(package, server.hub)
                    try await isRefused(package, server.hub)
                    try await reboots(package, server.hub)
                    #expect(await server.hub.violations().isEmpty)
                    try await goes(package)
                }
            }
        }
    }
}

extension PackageTests {
    /// Installed, it has its groups and its rights, but nothing runs; started without a hub, it ends once and says why.
    private func waitsForSettings(_ package: InstalledPackage, devices: [String]) async throws {
        try await package.install()
        #expect(try await package.property("ActiveState") == "inactive")
        #expect(try await package.property("UnitFileState") == "enabled")
        let rights = try await package.machine.shell("stat -c '%U:%G %a' \"$@\"", devices)
        #expect(rights == ["root:i2c 660", "root:gpio 660"])
        let rightsOfSettings = "stat -c '%U:%G %a' /etc/sensor-agent/agent.toml"
        #expect(try await package.machine.shell(rightsOfSettings) == ["root:sensor-agent 640"])
        // Fetched back after it was lost, it is no more open than at first.
        try await package.machine.shell("rm /etc/sensor-agent/agent.toml")
        try await package.apt(
            "-o Dpkg::Options::=--force-confmiss install --reinstall \(EmulatedMachine.guestShare)/sensor-agent.deb"
        )
        #expect(try await package.machine.shell(rightsOfSettings) == ["root:sensor-agent 640"])
        let check = try await package.agent("check")
        #expect(check.status == 0, "\(check.errors)")
        // The parser of such a file throws, which a program for release has to be linked for.
        try await package.machine.shell("printf '[outputs]\\n[outputs]\\n' >/tmp/twice.toml")
        for command in [["check"], ["relay", "off"]] {
            let wrong = try await package.machine.run(
                "/usr/bin/sensor-agent", command + ["--config", "/tmp/twice.toml"]
            ).result()
            #expect(wrong.status == 78, "\(command): \(wrong.errors)")
        }

        #expect(try await package.systemctl("start", "sensor-agent").status != 0)
        try await package.becomes("ActiveState") { $0 == "failed" }
        #expect(try await package.property("ExecMainStatus") == "78")
        #expect(try await package.property("NRestarts") == "0")
        #expect(try await package.journal().contains { $0.hasPrefix("No hub is configured.") })
    }

    /// It is ready when the sensors were read and the relay is held off; then its readings reach the hub.
    private func starts(_ package: InstalledPackage, _ hub: Hub) async throws {
        #expect(room.isHeated == nil && !isRead)
        let result = try await package.systemctl("start", "sensor-agent")
        let journal = try await package.journal().suffix(20).joined(separator: "\n")
        try #require(result.status == 0, "\(journal)")
        #expect(room.isHeated != nil && isRead)
        #expect(room.relay.history.first { $0.line == HeatedRoom.line }?.isHigh == false)
        for (component, range) in [("thermostat1", 12.0...34.0), ("thermostat2", 11.5...11.5)] {
            let hasCome = await hub.wait(upTo: .seconds(90)) { hub in
                hub.telemetry().contains {
                    $0.component == component && $0.json?["temperature"]?.double.map(range.contains) == true
                        && $0.properties["simulated"] == nil
                }
            }
            #expect(hasCome, "\(component)")
        }
        try await package.becomes("StatusText") {
            $0.hasPrefix("hub online; thermostat1 heating")
                && $0.hasSuffix("thermostat2 measures, drives no relay")
        }
    }

    /// It is nobody special and may do little, by the kernel's and by systemd's account.
    private func isLockedIn(_ package: InstalledPackage) async throws {
        let pid = try await package.property("MainPID")
        let facts = try await package.machine.shell(
            """
            grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' "/proc/$1/status" | tr -s '\\t' ' '
            stat -c %U "/proc/$1"
            """, [pid])
        #expect(
            facts == [
                "CapEff: 0000000000000000", "CapBnd: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2",
                "sensor-agent",
            ])
        // With a threshold its status says whether the figure, in tenths, is higher.
        let security = try await package.machine.run(
            "/usr/bin/systemd-analyze",
            ["security", "--no-pager", "--threshold=15", "sensor-agent.service"]
        ).result()
        print(security.output.last ?? "")
        #expect(security.status == 0 && security.output.last?.contains("Overall exposure level") == true)
        // What the sandbox forbids and the agent would need shows as a warning.
        let warnings = try await package.machine.shell(
            "journalctl -u sensor-agent -b -p warning -o cat --no-pager --since=@$(stat -c %Y /proc/$1)",
            [pid])
        #expect(warnings.allSatisfy { $0.contains("The board file says nothing of its line") }, "\(warnings)")
        // What the sandbox forbids the libraries below, they tell by themselves.
        let complaints = try await package.journal().filter { $0.contains("errno=") }
        #expect(complaints.isEmpty)
    }

    /// Killed with the relay on, it has the relay off before it is back.
    private func survivesDeath(_ package: InstalledPackage) async throws {
        try await set(34, by: package)
        try await room.becomes(true)
        let before = try await package.property("MainPID")
        let killed = ContinuousClock.now
        try await package.systemctl("kill", "-s", "KILL", "--kill-whom=main", "sensor-agent")
        let off = try await room.next(false, within: .seconds(120))
        print("kill -9 to relay off: \(killed.duration(to: off.at)) in the emulated machine")
        try await isBack(package, after: before, restarts: "1")
    }

    /// Where nothing but its control loop stands still with the relay on, the watchdog ends it, and the relay is off before
    /// it is back.
    private func survivesHanging(_ package: InstalledPackage) async throws {
        try await room.becomes(true)
        let before = try await package.property("MainPID")
        let share = URL(filePath: package.machine.share)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../DevicePrograms/stop-thread").standardized
        try FileManager.default.copyItem(at: script, to: share.appending(path: "stop-thread"))
        let tracer = try await package.machine.run(
            "/usr/bin/python3", ["\(EmulatedMachine.guestShare)/stop-thread", before, "control"])
        _ = try await tracer.firstLine { $0.text == "stopped" ? true : nil }
        let states = try await package.machine.shell(
            "cd /proc/$1/task; for task in *; do cut -d ' ' -f 2,3 $task/stat; done", [before])
        #expect(states.filter { $0.hasSuffix(" t") } == ["(control) t"] && states.count > 5, "\(states)")
        let off = try await room.next(false, within: .seconds(180))
        print("relay off at \(off.celsius) °C, after the watchdog")
        try await isBack(package, after: before, restarts: "2")
        #expect(try await package.journal().contains { $0.contains("Watchdog timeout") })
    }

    /// The new version goes on with what was set, and with the old settings.
    private func survivesUpgrade(_ package: InstalledPackage) async throws {
        try await set(33.5, by: package)
        let before = try await package.property("MainPID")
        try await package.upgrade(to: "99")
        try await package.becomes("MainPID") { $0 != before && $0 != "0" }
        try await package.becomes("ActiveState") { $0 == "active" }
        let why = try await package.agent("why", "thermostat1", "--json")
        let thermostat = try JSON(parsing: why.output.joined(separator: "\n"))["thermostats"]?.array?.first
        #expect(thermostat?["target"]?.double == 33.5)
        #expect(
            try await package.machine.shell("cat /etc/sensor-agent/agent.toml").joined(separator: "\n") + "\n"
                == Self.configuration)
    }

    /// Removed, it leaves its relay off, its settings and its state; purged, nothing of its files.
    private func goes(_ package: InstalledPackage) async throws {
        try await room.becomes(true)
        let files = try await package.machine.shell(
            "dpkg -L sensor-agent | while read -r file; do [ -d \"$file\" ] || echo \"$file\"; done")
        #expect(files.count > 20)
        try await package.apt("remove sensor-agent")
        #expect(room.isHeated == false)
        let left = try await package.machine.shell(
            "ls -d /etc/sensor-agent/agent.toml /var/lib/sensor-agent/state.sqlite; ls -A /run | grep sensor || true"
        )
        #expect(left == ["/etc/sensor-agent/agent.toml", "/var/lib/sensor-agent/state.sqlite"])
        try await package.apt("purge sensor-agent")
        let remains = try await package.machine.shell(
            """
            rm -r /etc/systemd/system/sensor-agent.service.d
            for file; do [ ! -e "$file" ] || echo "$file"; done
            find / -xdev -path /tmp -prune -o -name '*sensor-agent*' -print
            ls -A /run | grep sensor || true
            """, files)
        #expect(remains.isEmpty)
    }

    /// It runs again, under another number, after the relay was driven off by what follows its end.
    private func isBack(_ package: InstalledPackage, after pid: String, restarts: String) async throws {
        try await package.becomes("MainPID") { $0 != pid && $0 != "0" }
        try await package.becomes("ActiveState") { $0 == "active" }
        #expect(try await package.property("NRestarts") == restarts)
        let journal = try await package.journal()
        let words = ["line 5 of viperboard gpio a is off.", "sensor-agent.service: Scheduled restart job"]
        let order = journal.compactMap { line in words.first { line.hasPrefix($0) } }
        #expect(order == (1...(Int(restarts) ?? 0)).flatMap { _ in words }, "\(journal.suffix(40))")
    }

    private func set(_ target: Double, by package: InstalledPackage) async throws {
        let result = try await package.agent("set", "thermostat1", "\(target)")
        #expect(result.status == 0, "\(result.output + result.errors)")
    }

    /// Runs a hub for the time of `body`; tells what the service said where that fails.
    private func withHub(
        _ package: InstalledPackage, _ body: (LocalHubServer) async throws -> Void
    ) async throws {
        try await LocalHubServer.withGuest { server in
            do {
                try await body(server)
            } catch {
                let journal = try? await package.journal().suffix(40).joined(separator: "\n")
                Issue.record("The service's last lines:\n\(journal ?? "")")
                throw error
            }
        }
    }

    /// Whether the agent has read the chip.
    private var isRead: Bool { room.thermometer.messages.contains { $0.address == 0x48 } }
}

extension GuestI2CBus {
    /// The bus's device file.
    fileprivate var device: String { "/dev/i2c-\(number)" }
}
