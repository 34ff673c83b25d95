// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("Sensors of kernel drivers, program against hub", .timeLimit(.minutes(10)))
struct KernelSensorTests {
    private static let configuration = """
        [telemetry]
        interval = "1s"
        [sensors.processor]
        driver = "thermal_zone"
        type = "cpu-thermal"
        [sensors.disk]
        driver = "hwmon"
        name = "nvme"
        channel = "temp2"
        offset = -0.5
        [thermostat1]
        sensor = "processor"
        [thermostat2]
        sensor = "disk"
        """

    /// Writes a file of sysfs in one step, as such a file is never seen half written.
    private func write(_ text: String, to path: String, _ rig: Rig) throws {
        let file = rig.folder.url.appendingPathComponent("sys/class/\(path)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private func addDisk(_ number: Int, millidegrees: Int, _ rig: Rig) throws {
        try write("38850\n", to: "hwmon/hwmon\(number)/temp1_input", rig)
        try write("\(millidegrees)\n", to: "hwmon/hwmon\(number)/temp2_input", rig)
        try write("nvme\n", to: "hwmon/hwmon\(number)/name", rig)
    }

    @Test(
        "A thermal zone and a hwmon channel are read, and a device that comes back under another number too")
    func kernelSensors() async throws {
        try await Rig.with { rig in
            try write("cpu-thermal\n", to: "thermal/thermal_zone3/type", rig)
            try write("48312\n", to: "thermal/thermal_zone3/temp", rig)
            try addDisk(1, millidegrees: 41_250, rig)
            let root = "[host]\nsysfs-root = \"\(rig.folder.url.path)/sys\"\n"
            let file = try rig.folder.write(root + Self.configuration, to: "agent.toml")
            let agent = try rig.start(rig.connectionString, ["run", "--config", file])
            await rig.expect("48.312 °C", of: agent) { Self.values(of: "thermostat1", $0).contains(48.312) }
            await rig.expect("40.75 °C", of: agent) { Self.values(of: "thermostat2", $0).contains(40.75) }

            let devices = rig.folder.url.appendingPathComponent("sys/class/hwmon")
            try FileManager.default.removeItem(at: devices.appendingPathComponent("hwmon1"))
            #expect(await agent.line(with: "Sensor disk is lost") != nil, "\(agent.output)")
            try addDisk(4, millidegrees: 50_000, rig)
            #expect(await agent.line(with: "Sensor disk is back") != nil, "\(agent.output)")
            await rig.expect("49.5 °C", of: agent) { Self.values(of: "thermostat2", $0).contains(49.5) }
            await rig.stop(agent)
            #expect(await Set(Self.values(of: "thermostat1", rig.hub)) == [48.312])
            #expect(await Set(Self.values(of: "thermostat2", rig.hub)) == [40.75, 49.5])
            #expect(await rig.hub.telemetry().allSatisfy { $0.properties["simulated"] == nil })
        }
    }

    @Test("A device that is not there is told with those that are") func absent() async throws {
        try await Rig.with { rig in
            try addDisk(1, millidegrees: 1, rig)
            try write("gpu-thermal\n", to: "thermal/thermal_zone0/type", rig)
            let root = "[host]\nsysfs-root = \"\(rig.folder.url.path)/sys\"\n"
            let file = try rig.folder.write(root + Self.configuration, to: "agent.toml")
            let agent = try rig.start(rig.connectionString, ["run", "--config", file])
            let line = await agent.line(with: "Sensor processor gave no value")
            #expect(line?.contains("\"gpu-thermal\" (thermal_zone0)") == true, "\(agent.output)")
            await rig.stop(agent)
            #expect(await Self.values(of: "thermostat1", rig.hub).isEmpty)
        }
    }

    private static func values(of component: String, _ hub: isolated Hub) -> [Double] {
        hub.telemetry().filter { $0.component == component }.compactMap { $0.json?["temperature"]?.double }
    }
}
