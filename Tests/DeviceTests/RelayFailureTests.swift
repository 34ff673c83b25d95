// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Foundation
import LocalHub
import Testing

extension DeviceTests {
    /// What becomes of a relay when the agent, its adapter or the hub fails, by the emulator's own log.
    @Suite struct RelayFailureTests {
        @Test(
            "A hung agent's line is told with its holder and what to do, and opened once the agent is killed")
        func hungAgent() async throws {
            let heated = try HeatedGuest("hung-agent", room: HeatedRoom(celsius: 15))
            try await heated.withAgent { agent, _ in
                _ = try await heated.room.next(false)
                _ = try await heated.room.next(true)
                try await agent.signal(.stop)
                let refused = try await heated.command("relay", "off")
                let text = (refused.output + refused.errors).joined(separator: "\n")
                #expect(refused.status == 1, "\(text)")
                #expect(text.contains(#""sensor-agent thermostat1" holds this line"#), "\(text)")
                #expect(text.contains("systemctl kill --signal=KILL sensor-agent"), "\(text)")
                #expect(text.contains("Trying the lines themselves"), "\(text)")
                #expect(heated.room.isHeated == true)
                try await agent.signal(.kill)
                #expect(try await agent.result().status == 128 + 9)
                #expect(heated.room.isHeated == true)
                let opened = try await heated.command("relay", "off")
                #expect(opened.status == 0, "\(opened.output + opened.errors)")
                #expect(opened.output == ["\(HeatedGuest.line) is off."])
                _ = try await heated.room.next(false)
            }
        }

        @Test(
            "A killed agent's line is opened though agent.toml is broken by then, and its note is gone afterwards"
        )
        func brokenConfiguration() async throws {
            let heated = try HeatedGuest("broken-file", room: HeatedRoom(celsius: 15))
            try await heated.withAgent { agent, _ in
                _ = try await heated.room.next(false)
                _ = try await heated.room.next(true)
                #expect(try await heated.notes() == ["600 relay-viperboard%20gpio%20a@5.json"])
                try heated.configure("[thermostat1\n")
                try await agent.signal(.kill)
                #expect(try await agent.result().status == 128 + 9)
                #expect(heated.room.isHeated == true)
                let opened = try await heated.command("relay", "off")
                #expect(opened.status == 78)
                #expect(opened.output == ["\(HeatedGuest.line) is off."], "\(opened.errors)")
                #expect(opened.errors.contains { $0.contains("agent.toml:1") }, "\(opened.errors)")
                _ = try await heated.room.next(false)
                #expect(try await heated.notes() == [])
            }
        }

        @Test("An active-low relay is off by a high line at the start and at the end")
        func activeLow() async throws {
            let room = HeatedRoom(celsius: 15, isActiveLow: true)
            let heated = try HeatedGuest("active-low", room: room)
            try await heated.withAgent { agent, _ in
                _ = try await room.next(false)
                _ = try await room.next(true)
                try await agent.signal(.terminate)
                #expect(try await agent.result().status == 0)
                _ = try await room.next(false)
                #expect(room.relay.history.map(\.isHigh) == [true, false, true])
                #expect(try await heated.notes() == [], "an agent that ends in order leaves nothing to do")
            }
        }

        @Test("A relay whose adapter is pulled is a fault until it is back, and then begins off")
        func pulledRelay() async throws {
            let room = HeatedRoom(celsius: 15)
            let heated = try HeatedGuest("pulled-relay", room: room)
            try await heated.withAgent { agent, _ in
                _ = try await room.next(false)
                _ = try await room.next(true)
                try await heated.unplugRelay()
                let lost = try await agent.firstLine {
                    $0.text.contains("output-unavailable: ") ? $0.text : nil
                }
                #expect(lost.found.contains("The chip is gone"), "\(lost.found)")
                let report = try await heated.why()
                #expect(report["state"]?.string == "fault", "\(report)")
                let faults = report["faults"]?.array?.compactMap { $0["code"]?.string } ?? []
                #expect(faults.contains("output-unavailable"), "\(report)")
                #expect(report["relay"]?["commandedOn"]?.bool == false, "\(report)")
                #expect(report["relay"]?["readsOn"]?.bool == nil, "\(report)")
                try await heated.plugRelay()
                _ = try await agent.firstLine(from: lost.index + 1) {
                    $0.text.contains("output-unavailable is over") ? true : nil
                }
                // The adapter has kept its level; the request drives it off.
                let off = try await room.next(false)
                let on = try await room.next(true)
                #expect(off.at.duration(to: on.at) > HeatedGuest.minimumOff - .milliseconds(500))
            }
        }

        @Test("A hub that comes back empty is told the target that was set meanwhile, and all of the state")
        func hubComesBack() async throws {
            let directory = FileManager.default.temporaryDirectory.appending(
                path: "hub-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let first = try await LocalHubServer.startForGuest(directory: directory)
            let heated = try HeatedGuest("hub-outage", room: HeatedRoom(celsius: 15))
            try await heated.withAgent(hub: first) { _, _ in
                #expect(await first.hub.hasReported(34, of: heated.deviceID))
                let device = try #require(await first.hub.device(heated.deviceID))
                await first.stop()
                try await heated.setHere(5)
                try await heated.room.becomes(false)
                let second = try await LocalHubServer.startForGuest(
                    directory: directory, port: first.mqttPort)
                do {
                    try await second.hub.putDevice(
                        heated.deviceID, DeviceSpecification(authentication: device.authentication))
                    #expect(await second.hub.hasReported(5, of: heated.deviceID))
                    let reported = try await second.hub.twin(heated.deviceID).reported.properties
                    #expect(reported["thermostat1"]?["targetTemperature"]?["ac"]?.integer == 203)
                    #expect(reported["serialNumber"]?.string != nil && reported["deviceInformation"] != nil)
                    #expect(await second.hub.violations().isEmpty)
                } catch {
                    await second.stop()
                    throw error
                }
                await second.stop()
            }
        }
    }
}

extension Hub {
    /// Waits for a reported target of thermostat1; false when a generous limit passes first.
    fileprivate func hasReported(_ celsius: Double, of device: String) async -> Bool {
        await wait(upTo: .seconds(120)) { hub in
            let properties = (try? hub.twin(device))?.reported.properties
            return properties?["thermostat1"]?["targetTemperature"]?["value"]?.double == celsius
                && properties?["deviceInformation"] != nil
        }
    }
}
