// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Configured sensors, program against hub", .timeLimit(.minutes(10)))
struct SensorTests {
    private static let id = "28-0316a279fcff"
    private static let warm = "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n"
    private static let noise = "91 01 4b 46 7f ff 0f 10 25 : crc=c3 NO\n91 01 4b 46 7f ff 0f 10 25 t=25062\n"

    private func configuration(_ rig: Rig, extra: String = "") throws -> String {
        try rig.folder.write(
            """
            [telemetry]
            interval = "1s"
            [host]
            sysfs-root = "\(rig.folder.url.path)/sys"
            device-root = "\(rig.folder.url.path)/dev"
            [sensors.cellar]
            driver = "ds18b20"
            id = "\(Self.id)"
            [sensors.absent]
            driver = "tmp102"
            bus = "adapter:nowhere"
            address = 0x48
            \(extra)
            [thermostat1]
            sensor = "cellar"
            [thermostat2]
            sensor = "absent"
            """, to: "agent.toml")
    }

    private func write(_ text: String, _ rig: Rig) throws {
        let folder = rig.folder.url.appendingPathComponent("sys/bus/w1/devices/\(Self.id)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // In one step, as a file of sysfs is never seen half written.
        try Data(text.utf8).write(to: folder.appendingPathComponent("w1_slave"), options: .atomic)
    }

    @Test(
        "A DS18B20 is read through the configured sysfs; noise gives no value, and an absent chip none at all"
    )
    func oneWire() async throws {
        try await Rig.with { rig in
            try write(Self.warm, rig)
            let agent = try rig.start(rig.connectionString, ["run", "--config", try configuration(rig)])
            await rig.expect("25.062 °C", of: agent) { Self.values(of: "thermostat1", $0).contains(25.062) }
            try write(Self.noise, rig)
            #expect(await agent.line(with: "Sensor cellar is lost") != nil, "\(agent.output)")
            try write(Self.warm, rig)
            #expect(await agent.line(with: "Sensor cellar is back") != nil, "\(agent.output)")
            await rig.stop(agent)
            #expect(await Set(Self.values(of: "thermostat1", rig.hub)) == [25.062])
            #expect(await Self.values(of: "thermostat2", rig.hub).isEmpty)
            #expect(await rig.hub.telemetry().allSatisfy { $0.properties["simulated"] == nil })
            #expect(agent.output.contains("Sensor absent is lost"))
        }
    }

    @Test("An absent chip with a simulated fallback sends values that say so") func fallback() async throws {
        try await Rig.with { rig in
            try write(Self.warm, rig)
            let file = try configuration(rig, extra: "fallback = \"simulated\"")
            let agent = try rig.start(rig.connectionString, ["run", "--config", file])
            await rig.expect("both thermostats", of: agent) { hub in
                !Self.values(of: "thermostat1", hub).isEmpty && !Self.values(of: "thermostat2", hub).isEmpty
            }
            await rig.stop(agent)
            for record in await rig.hub.telemetry() where record.component != nil {
                #expect((record.properties["simulated"] == "true") == (record.component == "thermostat2"))
            }
        }
    }

    private static func values(of component: String, _ hub: isolated Hub) -> [Double] {
        hub.telemetry().filter { $0.component == component }.compactMap { $0.json?["temperature"]?.double }
    }
}
