// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Quantities
import SensorDrivers
import Simulation
import Testing

extension DeviceTests {
    /// Every chip that there is a driver for, read by the program through the kernel: all well, and with each fault.
    @Suite struct ReadTests {
        private static let thermometer = DS18B20Model(serial: 0x0316_A279_FCFF, celsius: 21.5)
        private static let ambient = Ambient(celsius: 21.5, relativeHumidity: 45, pascals: 98_765)

        private let machine: EmulatedMachine
        private let agent: GuestAgent
        private let adapter = I2CTinyUSBAdapter()

        init() throws {
            machine = try DeviceTests.machine()
            agent = try GuestAgent(in: machine)
        }

        @Test(
            "Every driver that there is reads its chip, twelve of them side by side and a 1-Wire bridge among them"
        )
        func everyDriver() async throws {
            let models = ChipModelCatalog.all.keys.sorted()
            #expect(models == (ReadChip.all + ReadChip.others).map(\.driver).sorted())
            try await withChips(ReadChip.all) { bus in
                // Two addresses are needed twice, so there is a second adapter.
                let second = I2CTinyUSBAdapter(serial: "EMULATED-2")
                for chip in ReadChip.others { try chip.attach(Self.ambient, to: second.bus) }
                let other = try await machine.plug(second, as: "read-2")
                let configuration =
                    ReadChip.all.map { $0.configuration(on: "usb1") }
                    + ReadChip.others.map { $0.configuration(on: "usb2") } + [Self.cellar]
                let reports = try await agent.read(
                    as: "read-all",
                    configuration: configuration.joined()
                        .replacing("\"usb1\"", with: "\"adapter:\(bus.adapter)\"")
                        .replacing("\"usb2\"", with: "\"adapter:\(other.adapter)\"")
                ).reports(status: 0)
                try await machine.unplug(other.busID)
                for chip in ReadChip.all + ReadChip.others {
                    try chip.expect(Self.ambient, in: try reports.sensor(chip.driver))
                }
                #expect(try reports.sensor("cellar").value("temperature") == 21.5)
                #expect(reports.sensors.allSatisfy { $0.source == "hardware" && $0.failure == nil })
            }
        }

        @Test("Chips that fail are told with the reason, and the others on their bus are read all the same")
        func faults() async throws {
            try await withChips(ReadChip.all) { _ in
                adapter.bus.inject(.noAcknowledge, at: 0x48)
                adapter.bus.inject(.transferError, at: 0x44)
                // Tried again, and then it is well.
                adapter.bus.inject(.hang, at: 0x41, times: 1)
                adapter.bus.setFault(.flippedBits([0, 0x40]), of: Self.thermometer.rom.id)
                let reports = try await agent.read(as: "read-faults", configuration: Self.everything)
                    .reports(status: 1)
                #expect(adapter.messages.contains { $0.fault == .hang })
                #expect(try reports.sensor("tmp102").failure?.kind == "not_found")
                #expect(try reports.sensor("sht3x").failure?.kind == "io_error")
                #expect(try reports.sensor("cellar").failure?.kind == "empty")
                for sensor in reports.sensors where sensor.failure != nil {
                    #expect(sensor.measurements.isEmpty, "\(sensor.name)")
                }
                for chip in ReadChip.all where !["tmp102", "sht3x"].contains(chip.driver) {
                    try chip.expect(Self.ambient, in: try reports.sensor(chip.driver))
                }
            }
        }

        @Test(
            "An adapter that has SMBus calls only is read by these, and a chip that they do not suit is told")
        func smbusOnly() async throws {
            let adapter = I2CTinyUSBAdapter(functions: .smbusWithoutBlocks)
            let chips = ReadChip.all.filter { ["tmp102", "bme280", "sht3x"].contains($0.driver) }
            let configuration = chips.map { $0.configuration(on: "usb") }.joined()
            try await withChips(chips, on: adapter) { _ in
                let reports = try await agent.read(as: "read-smbus", configuration: configuration)
                    .reports(status: 1)
                for chip in chips where chip.driver != "sht3x" {
                    try chip.expect(Self.ambient, in: try reports.sensor(chip.driver))
                }
                let message = try reports.sensor("sht3x").failure?.message ?? "no failure"
                #expect(message.contains("The adapter speaks SMBus only"), "\(message)")
                #expect(adapter.messages.contains { $0.address == 0x48 && $0.isRead })
                #expect(adapter.messages.allSatisfy { $0.origin == .call })
            }
        }

        @Test("A thermometer that never converted gives no 85 °C, and a real 85 °C is passed on")
        func powerOnValue() async throws {
            try await withChips([]) { _ in
                adapter.bus.withThermometer(Self.thermometer.rom.id) { part, now in
                    part.setTemperature(85, at: now)
                    part.fault = .neverConverts
                }
                let never = try await agent.read(as: "read-85", configuration: Self.cellar).reports(status: 1)
                // As root the program switches the kernel's own check on, which gives an empty file.
                #expect(try never.sensor("cellar").failure?.kind == "empty")
                #expect(try never.sensor("cellar").measurements.isEmpty)
                adapter.bus.setFault(nil, of: Self.thermometer.rom.id)
                let real = try await agent.read(as: "read-85", configuration: Self.cellar).reports(status: 0)
                #expect(try real.sensor("cellar").value("temperature") == 85)
            }
        }

        @Test(
            "A bus that hangs fails the chip and those behind it in limited time, and is read again when it is free"
        )
        func hang() async throws {
            let chips = ReadChip.all.filter { ["tmp102", "bme280"].contains($0.driver) }
            let configuration = chips.map { $0.configuration(on: "usb") }.joined()
            try await withChips(chips) { _ in
                adapter.bus.inject(.hang, at: 0x76)
                let hung = try await agent.read(as: "read-hang", configuration: configuration).reports(
                    status: 1)
                for chip in chips {
                    let sensor = try hung.sensor(chip.driver)
                    let message = sensor.failure?.message ?? "no failure"
                    #expect(
                        message.contains("the bus has not answered for 5 s"), "\(chip.driver): \(message)")
                    #expect(sensor.measurements.isEmpty)
                }
                adapter.bus.clearFaults()
                let good = try await agent.read(as: "read-hang", configuration: configuration).reports(
                    status: 0)
                for chip in chips { try chip.expect(Self.ambient, in: try good.sensor(chip.driver)) }
            }
        }

        @Test("Chips held by the kernel's drivers are told with the driver, and read through it when wanted")
        func held() async throws {
            let chips = ReadChip.all.filter { ["tmp102", "bme280", "sht4x"].contains($0.driver) }
            let attic = "[sensors.attic]\ndriver = \"iio\"\nname = \"bme280\"\n"
            let configuration = chips.map { $0.configuration(on: "usb") }.joined() + attic
            try await withChips(chips) { bus in
                try await machine.shell(Self.bind, ["\(bus.number)"])
                let refused = try await agent.read(as: "read-held", configuration: configuration)
                    .reports(status: 1)
                for (chip, driver) in [("tmp102", "tmp102"), ("bme280", "bmp280")] {
                    let message = try refused.sensor(chip).failure?.message ?? "no failure"
                    #expect(message.contains("The kernel driver \(driver) holds this address"), "\(message)")
                    #expect(message.contains("when-held = \"kernel\""), "\(message)")
                }
                #expect(try refused.sensor("sht4x").failure == nil)

                let settings = chips.flatMap { ["--set", "sensors.\($0.driver).when-held=kernel"] }
                let through = try await agent.read(as: "read-held", configuration: configuration, settings)
                    .reports(status: 0)
                for chip in chips { try chip.expect(Self.ambient, in: try through.sensor(chip.driver)) }
                let barometer = try #require(chips.first { $0.driver == "bme280" })
                try barometer.expect(Self.ambient, in: try through.sensor("attic"))
            }
        }

        @Test("While it watches, an unplugged adapter is a failure and a plugged one a value again")
        func unplugged() async throws {
            let chips = ReadChip.all.filter { $0.driver == "tmp102" }
            let configuration = chips.map { $0.configuration(on: "usb") }.joined() + "interval = \"500ms\"\n"
            try await withChips(chips) { bus in
                let watch = try await agent.read(
                    as: "read-watch", configuration: configuration, ["--watch"])
                var next = try await watch.nextReport(of: "tmp102") { $0.value("temperature") == 21.5 }
                try await machine.unplug(bus.busID)
                next = try await watch.nextReport(of: "tmp102", from: next) {
                    $0.failure != nil && $0.measurements.isEmpty
                }
                let gone = try await agent.read(as: "read-gone", configuration: configuration)
                    .reports(status: 1)
                #expect(try gone.sensor("tmp102").failure?.kind == "not_found")
                adapter.bus.setTMP102(to: 30)
                _ = try await machine.plug(adapter, as: bus.busID)
                _ = try await watch.nextReport(of: "tmp102", from: next) { $0.value("temperature") == 30 }
                try await watch.signal(.terminate)
                #expect(try await watch.result().status == 0)
            }
        }
    }
}

extension DeviceTests.ReadTests {
    private static let cellar = """
        [sensors.cellar]
        driver = "ds18b20"
        id = "\(thermometer.rom.id)"

        """

    /// The kernel's tmp102 answers EAGAIN until its first conversion is over.
    private static let bind = """
        bus=/sys/bus/i2c/devices/i2c-$1
        echo tmp102 0x48 >"$bus/new_device"
        echo bme280 0x76 >"$bus/new_device"
        until cat "$bus"/*-0048/hwmon/hwmon*/temp1_input; do sleep 0.05; done
        """

    private static let everything = ReadChip.all.map { $0.configuration(on: "usb") }.joined() + cellar

    /// Plugs the adapter with these chips and the thermometer behind its bridge, for the time of `body`.
    private func withChips(
        _ chips: [ReadChip], on adapter: I2CTinyUSBAdapter? = nil,
        _ body: (GuestI2CBus) async throws -> Void
    ) async throws {
        let adapter = adapter ?? self.adapter
        for chip in chips { try chip.attach(Self.ambient, to: adapter.bus) }
        try await machine.withThermometers([Self.thermometer], on: adapter, body)
    }
}
