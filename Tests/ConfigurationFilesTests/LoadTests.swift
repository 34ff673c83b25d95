// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Quantities
import Secrets
import Testing

@Suite struct LoadTests {
    @Test("Without file, environment and flags every default holds and there is no hub")
    func defaults() throws {
        let configuration = try load(nil)
        #expect(configuration.hub == nil)
        #expect(configuration.telemetry.interval == .seconds(8))
        #expect(configuration.sensors.isEmpty)
        #expect(configuration.thermostat1.sensor == nil)
        #expect(configuration.reboot.mode == nil)
        #expect(configuration.log.level == .info)
        #expect(configuration.host == HostConfiguration())
        #expect(configuration.board == BoardConfiguration())
        #expect(configuration.file == nil)
        #expect(configuration.origin(of: "telemetry.interval") == .default)
    }

    @Test("A whole file gives typed values")
    func wholeFile() throws {
        let configuration = try load(
            """
            telemetry.interval = "5min"
            [hub]
            ca-file = "ca.pem"
            keep-alive = 120
            token-lifetime = "2h"
            [hub.dps]
            endpoint = "localhost:8883"
            id-scope = "0ne1"
            registration-id = "d1"
            device-key = "AAAA"
            [sensors.living]
            driver = "tmp102"
            bus = "header"
            address = 0x49
            offset = -1
            interval = "500ms"
            fallback = "simulated"
            [sensors.cellar]
            driver = "ds18b20"
            id = "28-0316a279fcff"
            [sensors.attic]
            driver = "aht20"
            bus = "adapter:i2c-tiny-usb at bus 001 device 002"
            [thermostat1]
            sensor = "living"
            [thermostat2]
            sensor = "living"
            [reboot]
            mode = "off"
            [device]
            serial-number = "SN 1"
            [board]
            file = "boards/mine.toml"
            [store]
            directory = "/var/lib/x"
            [log]
            level = "debug"
            [host]
            sysfs-root = "/tmp/sys"
            """)
        let hub = try #require(configuration.hub)
        #expect(hub.caFile == "/c/ca.pem")
        #expect(hub.keepAlive == .seconds(120))
        #expect(hub.tokenLifetime == .seconds(7200))
        guard case .provisioning(let dps) = hub.security, case .device(let key) = dps.key else {
            Issue.record("not DPS by device key")
            return
        }
        #expect(dps.endpoint == HostAndPort(host: "localhost", port: 8883))
        #expect(dps.idScope == "0ne1")
        #expect(dps.registrationID == "d1")
        #expect(key.reveal() == "AAAA")
        #expect(configuration.telemetry.interval == .seconds(300))
        #expect(configuration.sensors.map(\.name.text) == ["attic", "cellar", "living"])
        #expect(
            configuration.sensors[0].place
                == .i2c(bus: .location(.adapter("i2c-tiny-usb at bus 001 device 002")), address: 0x38))
        #expect(configuration.sensors[1].place == .oneWire(id: "28-0316a279fcff"))
        #expect(
            configuration.sensors[2]
                == SensorConfiguration(
                    name: SensorName("living"), driver: "tmp102",
                    place: .i2c(bus: .board("header"), address: 0x49),
                    offset: -1, fallback: .simulated, interval: .milliseconds(500)))
        #expect(configuration.thermostat1.sensor == SensorName("living"))
        #expect(configuration.thermostat2.sensor == SensorName("living"))
        #expect(configuration.reboot.mode == .off)
        #expect(configuration.device.serialNumber == "SN 1")
        #expect(configuration.board.file == "/c/boards/mine.toml")
        #expect(configuration.store.directory == "/var/lib/x")
        #expect(configuration.log.level == .debug)
        #expect(configuration.host == HostConfiguration(sysfsRoot: "/tmp/sys", deviceRoot: "/dev"))
        #expect(configuration.origin(of: "sensors.living.address") == .file("/c/agent.toml", line: 14))
    }

    @Test("Devices of kernel drivers are found by name, by chip, by both, or by type")
    func kernelDevices() throws {
        let configuration = try load(
            """
            [sensors.a]
            driver = "hwmon"
            name = "nvme"
            channel = "temp2"
            [sensors.b]
            driver = "hwmon"
            name = "nvme"
            [sensors.c]
            driver = "iio"
            bus = "adapter:x"
            address = 0x76
            [sensors.d]
            driver = "iio"
            name = "mlx90614"
            bus = "header"
            address = 0x5a
            channel = "temp_object"
            [sensors.e]
            driver = "thermal_zone"
            type = "cpu-thermal"
            [sensors.f]
            driver = "aht20"
            bus = "header"
            when-held = "kernel"
            """)
        #expect(
            configuration.sensors.map(\.place) == [
                .hwmon(.init(name: "nvme", channel: "temp2")), .hwmon(.init(name: "nvme")),
                .iio(.init(chip: .init(bus: .location(.adapter("x")), address: 0x76))),
                .iio(
                    .init(
                        name: "mlx90614", chip: .init(bus: .board("header"), address: 0x5A),
                        channel: "temp_object")),
                .thermalZone(type: "cpu-thermal"), .i2c(bus: .board("header"), address: 0x38),
            ])
        #expect(configuration.sensors.map(\.whenHeld) == [nil, nil, nil, nil, nil, .kernel])
        #expect(configuration.sensors.map(\.driver).prefix(3) == ["hwmon", "hwmon", "iio"])
    }

    @Test("The bus of a kernel driver's device is looked up on the board like a chip's")
    func kernelDeviceBuses() throws {
        let sensor = "[sensors.a]\ndriver = \"hwmon\"\naddress = 0x48\nbus = "
        let board = BoardDescription.unknown(UnknownBoard(machine: MachineIdentity(), known: []))
        let located = try load(sensor + "\"controller:c\"").i2cLocations(on: board)
        #expect(located == [SensorName("a"): .controller("c")])
        let unknown = try load(sensor + "\"nowhere\"")
        #expect(throws: ConfigurationErrors.self) { try unknown.i2cLocations(on: board) }
        let zone = try load("[sensors.a]\ndriver = \"thermal_zone\"\ntype = \"cpu\"")
        #expect(try zone.i2cLocations(on: board).isEmpty)
    }

    @Test("Each layer wins over the ones below it", arguments: 0...3)
    func precedence(layers: Int) throws {
        let flags = [
            ConfigurationSources.Override(path: "hub.dps.id-scope", value: "old", flag: "--x"),
            ConfigurationSources.Override(path: "hub.dps.id-scope", value: "flag", flag: "--id-scope"),
        ]
        var environment: [String: String] = [:]
        if layers >= 1 { environment["IOTHUB_DEVICE_DPS_ID_SCOPE"] = "sample" }
        if layers >= 2 { environment["SENSOR_AGENT_HUB_DPS_ID_SCOPE"] = "own" }
        let toml = "hub.dps = { id-scope = \"file\", registration-id = \"d\", device-key = \"AAAA\" }"
        let configuration = try load(toml, environment: environment, overrides: layers >= 3 ? flags : [])
        guard case .provisioning(let dps) = configuration.hub?.security else {
            Issue.record("no DPS")
            return
        }
        #expect(dps.idScope == ["file", "sample", "own", "flag"][layers])
        let origins: [ConfigurationOrigin] = [
            .file("/c/agent.toml", line: 1), .environment("IOTHUB_DEVICE_DPS_ID_SCOPE"),
            .environment("SENSOR_AGENT_HUB_DPS_ID_SCOPE"), .flag("--id-scope"),
        ]
        #expect(configuration.origin(of: "hub.dps.id-scope") == origins[layers])
    }

    @Test("SSL_CERT_FILE gives the authorities only where the file does not")
    func certificateFile() throws {
        let environment = ["SSL_CERT_FILE": "/e.pem", "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h"]
        #expect(try load("", environment: environment).hub?.caFile == "/e.pem")
        #expect(try load("hub.ca-file = \"/f.pem\"", environment: environment).hub?.caFile == "/f.pem")
        #expect(try load("", environment: ["SSL_CERT_FILE": "/e.pem"]).hub == nil)
    }

    @Test("A sensor can come from the environment alone")
    func sensorFromEnvironment() throws {
        let configuration = try load(
            nil,
            environment: [
                "SENSOR_AGENT_SENSORS_LIVING_DRIVER": "tmp102",
                "SENSOR_AGENT_SENSORS_LIVING_BUS": "/dev/i2c-1",
                "SENSOR_AGENT_SENSORS_LIVING_ADDRESS": "0x4a", "SENSOR_AGENT_SENSORS_LIVING_OFFSET": "0.25",
                "SENSOR_AGENT_THERMOSTAT1_SENSOR": "living", "SENSOR_AGENT_TELEMETRY_INTERVAL": "10",
            ])
        #expect(
            configuration.sensors.first?.place
                == .i2c(bus: .location(.deviceFile("/dev/i2c-1")), address: 0x4A))
        #expect(configuration.sensors.first?.offset == 0.25)
        #expect(configuration.telemetry.interval == .seconds(10))
    }

    @Test("Empty variables and ignored variables change nothing")
    func emptyAndIgnored() throws {
        let environment = [
            "IOTHUB_DEVICE_SECURITY_TYPE": "", "IOTHUB_DEVICE_DPS_ENDPOINT": "", "SENSOR_AGENT_LOG_LEVEL": "",
            "SSL_CERT_FILE": "", "SENSOR_AGENT_REQUIRE_ALL": "1", "SENSOR_AGENT_BINARY": "x",
        ]
        #expect(try load(nil, environment: environment).settings == load(nil).settings)
    }

    @Test("Every key can be set by its variable", arguments: ConfigurationKey.all.map(\.environmentVariable))
    func everyVariable(name: String) {
        let lines = complaints(nil, environment: [name: "\u{7}"])
        #expect(!lines.contains { $0.contains("There is no such variable") })
    }

    @Test("No variable means two keys")
    func distinctVariables() {
        let names = ConfigurationKey.all.map(\.environmentVariable)
        #expect(Set(names).count == names.count)
    }

    @Test("The first file that exists is read, and only a missing one is passed over")
    func search() throws {
        var files = MemoryFiles(contents: ["/etc/sensor-agent/agent.toml": "log.level = \"error\""])
        let sources = ConfigurationSources(environment: ["HOME": "/home/u"], drivers: testDrivers)
        #expect(try AgentConfiguration.load(sources, files: files).log.level == .error)
        files.contents["/home/u/.config/sensor-agent/agent.toml"] = ""
        #expect(try AgentConfiguration.load(sources, files: files).log.level == .info)
        files.failures["/home/u/.config/sensor-agent/agent.toml"] = .permission
        #expect {
            try AgentConfiguration.load(sources, files: files)
        } throws: { error in
            "\(error)"
                == "/home/u/.config/sensor-agent/agent.toml: It cannot be read: access is denied. "
                + "Give the user who runs sensor-agent the right to read it."
        }
    }

    @Test("The settings list every key that has a value, with its origin")
    func settings() throws {
        let configuration = try load(
            "[telemetry]\ninterval = \"60s\"", environment: ["SENSOR_AGENT_LOG_LEVEL": "error"])
        let lines = configuration.settings.map(\.description)
        #expect(lines.contains("telemetry.interval = 1min (/c/agent.toml:2)"))
        #expect(lines.contains("log.level = error (environment variable SENSOR_AGENT_LOG_LEVEL)"))
        #expect(lines.contains("hub.keep-alive = 60s (default)"))
        #expect(lines == lines.sorted())
    }

    @Test("A sensor is sampled at its own interval, else with telemetry, at most every 8 s")
    func samplingInterval() throws {
        let sensor = "[sensors.a]\ndriver = \"aht20\"\nbus = \"header\"\n"
        func interval(_ toml: String) throws -> Duration? {
            let configuration = try load(toml)
            return configuration.sensors.first.map(configuration.samplingInterval)
        }
        #expect(try interval(sensor) == .seconds(8))
        #expect(try interval(sensor + "[telemetry]\ninterval = 2") == .seconds(2))
        #expect(try interval(sensor + "[telemetry]\ninterval = \"1h\"") == .seconds(8))
        #expect(try interval(sensor + "interval = \"30s\"") == .seconds(30))
    }
}
