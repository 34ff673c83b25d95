// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import LocalHub
import Simulation
import Testing

/// The guarded reboot of the installed service, against the system's own bus, polkit and systemd-logind.
extension PackageTests {
    private static let rule = "/usr/share/polkit-1/rules.d/60-sensor-agent.rules"

    /// Who holds a block inhibitor keeps the machine up, and is named.
    func isInhibited(_ package: InstalledPackage, _ hub: Hub) async throws {
        let holder = try await package.machine.run(
            "/usr/bin/systemd-inhibit",
            ["--what=shutdown", "--mode=block", "--who=backup", "--why=it writes"]
                + ["/bin/sh", "-c", "echo held; exec sleep 1000"])
        _ = try await holder.firstLine { $0.text == "held" ? true : nil }
        let answer = try await reboot(hub)
        #expect(answer.status == 409)
        #expect(answer.payload["error"]?.string?.contains("backup: it writes") == true, "\(answer.payload)")
        try await holder.signal(.terminate)
        _ = try await holder.result()
    }

    /// Without the package's polkit rule logind refuses the service's user; that is told, and control goes on.
    func isRefused(_ package: InstalledPackage, _ hub: Hub) async throws {
        // polkit is started when it is asked, and reads its rules then.
        try await package.machine.shell("mv \(Self.rule) /root/rule; systemctl stop polkit")
        try await room.becomes(true)
        #expect(try await reboot(hub).status == 202)
        let last = try await lastReboot(hub, is: "failed")
        #expect(last["reason"]?.string?.hasPrefix("systemd-logind refused: ") == true, "\(last)")
        #expect(package.machine.resets == 0)
        try await package.machine.shell("mv /root/rule \(Self.rule); systemctl stop polkit")
        try await room.becomes(true)
    }

    /// Asked by the hub, the service has the machine reboot, its relay off before; it is back by itself and proves it.
    func reboots(_ package: InstalledPackage, _ hub: Hub) async throws {
        let machine = package.machine
        let boot = try await machine.shell("cat /proc/sys/kernel/random/boot_id")
        let answer = try await reboot(hub)
        #expect(answer.status == 202, "\(answer.payload)")
        let off = try await room.next(false)
        let asked = try await lastReboot(hub, is: "going-down")
        #expect(asked["id"] == answer.payload["rebootId"])
        try await machine.boots(2, within: .seconds(300))
        let resets = machine.resets
        #expect(resets > 0)
        #expect(try await machine.shell("cat /proc/sys/kernel/random/boot_id") != boot)
        #expect(
            room.relay.history.filter { $0.line == HeatedRoom.line && $0.at > off.at }.allSatisfy {
                !$0.isHigh
            })

        // Nothing is plugged in yet: the service must not wait for that.
        let last = try await lastReboot(hub, is: "completed")
        #expect(last["id"] == answer.payload["rebootId"] && last["reason"] == nil, "\(last)")
        #expect(try await package.property("ActiveState") == "active")
        #expect(try await package.property("NRestarts") == "0")
        let active = try await package.property("ActiveEnterTimestampMonotonic")
        print("kernel's start to control running: \(active) µs in the emulated machine")
        await #expect(
            hub.wait(upTo: .seconds(60)) { $0.status(of: Self.deviceID)?["boots"]?["expected"] == 1 })

        let second = try await reboot(hub)
        #expect(second.status == 409)
        #expect(second.payload["error"]?.string?.contains("2 reboots an hour") == true, "\(second.payload)")
        #expect((1...3_600).contains(second.payload["retryAfter"]?.double ?? 0), "\(second.payload)")
        try await plugsAgain(machine)
        #expect(machine.resets == resets)
    }

    /// Plugs the adapters into the machine that has booted again; their relay heats again in time.
    private func plugsAgain(_ machine: EmulatedMachine) async throws {
        for name in ["relay", "onewire"] { try await machine.unplug(name) }
        try await machine.plug(room.relay, as: "relay")
        let bus: GuestI2CBus = try await machine.plug(room.thermometer, as: "onewire")
        try await machine.bindBridge(on: bus, awaiting: [Self.cellar.rom.id])
        try await room.becomes(true)
    }

    private func reboot(_ hub: Hub) async throws -> MethodResult {
        try await hub.invokeMethod(
            Self.deviceID, name: "reboot", payload: 1, connectTimeout: .seconds(120))
    }

    /// The last reboot in the twin, once it is in this state.
    private func lastReboot(_ hub: Hub, is state: String) async throws -> JSON {
        let isThere = await hub.wait(upTo: .seconds(240)) {
            $0.status(of: Self.deviceID)?["lastReboot"]?["state"]?.string == state
        }
        let last = await hub.status(of: Self.deviceID)?["lastReboot"]
        try #require(isThere, "\(String(describing: last)) is not \(state)")
        return try #require(last)
    }
}

extension Hub {
    /// The reported `agentStatus` of a device.
    fileprivate func status(of device: String) -> JSON? {
        (try? twin(device))?.reported.properties["agentStatus"]
    }
}
