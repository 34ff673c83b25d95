// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import StateStore
import StrictJSON
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("The device as the hub sees it", .timeLimit(.minutes(10))) struct CloudServiceTests {
    private func target(_ hub: ScriptedHub) -> JSONValue? {
        hub.reported["thermostat1"]?["targetTemperature"]
    }

    @Test("Once online everything is reported once, and nothing again after a connection that was lost")
    func reportedOnce() async throws {
        let rig = try await CloudRig()
        await rig.run {
            await rig.settle()
            #expect(rig.hub.reported["serialNumber"] == "serial")
            #expect(rig.hub.reported["deviceInformation"]?["manufacturer"] == "m")
            #expect(target(rig.hub)?["ac"] == 203 && target(rig.hub)?["value"] == 20.0)
            let count = rig.hub.patches.count
            rig.hub.drop()
            await rig.wait { await !rig.cloud.isOnline }
            await rig.reconnect()
            await rig.cloud.report(["marker": 1])
            await rig.settle()
            #expect(rig.hub.connects == 2)
            #expect(Array(rig.hub.patches.dropFirst(count)) == [["marker": 1]])
        }
    }

    @Test("What is left to report at the end goes out once") func lastReport() async throws {
        let rig = try await CloudRig()
        await rig.run {
            await rig.settle()
            await rig.cloud.raiseMaximum(of: .thermostat1, to: 21)
            await rig.cloud.reportMaximum(of: .thermostat1, at: rig.time.now().monotonic)
            await rig.settle()
            // Within a minute of the other, so that it waits.
            await rig.cloud.raiseMaximum(of: .thermostat1, to: 22)
            await rig.cloud.reportMaximum(of: .thermostat1, at: rig.time.now().monotonic)
        }
        let maxima = rig.hub.patches.compactMap { $0["thermostat1"]?["maxTempSinceLastReboot"] }
        #expect(maxima == [21.0, 22.0])
    }

    @Test("What the hub has lost meanwhile, and what changed here, is reported after the reconnect")
    func lost()
        async throws
    {
        let rig = try await CloudRig()
        await rig.run {
            await rig.settle()
            rig.hub.drop()
            await rig.wait { await !rig.cloud.isOnline }
            rig.hub.forgetReported()
            _ = await rig.relay.loop.set(target: 22, mode: nil, of: .thermostat1)
            await rig.cloud.report(localTarget: 22, of: .thermostat1)
            await rig.reconnect()
            await rig.wait {
                rig.hub.reported["serialNumber"] == "serial" && target(rig.hub)?["value"] == 22.0
            }
        }
    }

    @Test(
        "A desired target is in force and stored before it is acknowledged; one outside the limits is refused"
    )
    func desired() async throws {
        let rig = try await CloudRig()
        try await rig.run { () async throws in
            await rig.settle()
            rig.hub.desire(["thermostat1": ["__t": "c", "targetTemperature": 23.5]], version: 2)
            await rig.wait { target(rig.hub)?["av"] == 2 }
            #expect(target(rig.hub)?["ac"] == 200 && target(rig.hub)?["value"] == 23.5)
            #expect(await rig.relay.loop.target(of: .thermostat1) == 23.5)
            let stored = try await rig.store.target("thermostat1", hub: CloudRig.key)
            #expect(stored?.celsius == 23.5 && stored?.desiredVersion == 2)
            rig.hub.desire(["thermostat1": ["__t": "c", "targetTemperature": 90]], version: 3)
            await rig.wait { target(rig.hub)?["av"] == 3 }
            #expect(target(rig.hub)?["ac"] == 400 && target(rig.hub)?["value"] == 23.5)
            #expect(await rig.relay.loop.target(of: .thermostat1) == 23.5)
        }
    }

    @Test("A target that was asked for while the device was away is taken up with the twin") func away()
        async throws
    {
        let rig = try await CloudRig()
        await rig.run {
            await rig.settle()
            rig.hub.drop()
            await rig.wait { await !rig.cloud.isOnline }
            rig.hub.desire(
                ["thermostat1": ["__t": "c", "targetTemperature": 19]], version: 2, isHeard: false)
            await rig.reconnect()
            await rig.wait { target(rig.hub)?["av"] == 2 }
            #expect(await rig.relay.loop.target(of: .thermostat1) == 19)
        }
    }

    @Test("An acknowledgement waits a second for a disk that hangs, and control not at all")
    func hangingDisk()
        async throws
    {
        let disk = try await BlockedDisk()
        let relay = RelayRig()
        let rig = try await CloudRig(store: disk.store { relay.time.now().monotonic }, relay: relay)
        await rig.run {
            // The first twin is read without what an earlier run had accepted.
            await rig.wait { await rig.cloud.hub != nil }
            rig.time.advance(to: ControlStart.patience)
            await rig.wait {
                // Answers to the first twin wait for the store in their turn.
                rig.advance(by: .milliseconds(100))
                return target(rig.hub) != nil
            }
            rig.hub.desire(["thermostat1": ["__t": "c", "targetTemperature": 23.5]], version: 2)
            await rig.wait { await relay.loop.target(of: .thermostat1) == 23.5 }
            #expect(target(rig.hub)?["av"] != 2)
            await rig.wait {
                rig.advance(by: .milliseconds(100))
                return target(rig.hub)?["av"] == 2
            }
            disk.answer()
        }
    }

    @Test(
        "Each command is answered once, with the status that belongs to it",
        arguments: [
            ("thermostat1*getMaxMinReport", #""2026-01-01T00:00:00Z""#, 404),
            ("thermostat1*getMaxMinReport", "5", 400), ("reboot", "5", 403), ("unknown", "null", 404),
        ])
    func commands(name: String, payload: String, status: Int) async throws {
        let rig = try await CloudRig()
        await rig.run {
            await rig.settle()
            rig.hub.call(name, payload, id: "7")
            await rig.wait { rig.hub.answers["7"] != nil }
            #expect(rig.hub.answers == ["7": status])
        }
    }

    @Test("No flood of events hides that the connection is gone, or that it is there again") func flood()
        async throws
    {
        let disk = try await BlockedDisk()
        let relay = RelayRig()
        let rig = try await CloudRig(store: disk.store { relay.time.now().monotonic }, relay: relay)
        await rig.run {
            // Whoever reads the events waits for the disk now, in a time that stands still.
            await rig.wait { await rig.cloud.hub != nil }
            await rig.wait { await rig.cloud.isOnline }
            for number in 0..<300 { rig.hub.call("unknown", "null", id: "\(number)") }
            // The last ones found no room, and were refused by the client.
            await rig.wait { rig.hub.answers["299"] == 503 }
            rig.hub.drop()
            await rig.wait { await !rig.cloud.isOnline }
            await rig.reconnect()
            disk.answer()
        }
    }
}
