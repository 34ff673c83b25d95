// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("Si7021")
struct Si7021Tests {
    typealias Step = ScriptedI2CBus.Step

    static let user = Step.read([0xE7], from: 0x40, returns: [0x3A])
    static let identity = Step.read([0xFC, 0xC9], from: 0x40, returns: [0x15, 0x8A, 0xB8])
    static let startTemperature = Step.write([0xF3], to: 0x40)
    static let startHumidity = Step.write([0xF5], to: 0x40)
    /// The examples of the data sheet.
    static let temperature = Step.read([], from: 0x40, returns: [0x68, 0x3A, 0x7C])
    static let humidity = Step.read([], from: 0x40, returns: [0x4E, 0x85, 0x6B])

    private func sensor(on bus: any I2CBus, as name: String = Si7021.name) throws(SensorError) -> Si7021 {
        try Si7021(I2CDevice(bus: bus, address: 0x40), part: Part(name))
    }

    @Test("a reading is two conversions with checksums, and a chip at full resolution is not written to")
    func transcript() throws {
        let steps = [
            Self.user, Self.identity, Self.startTemperature, Self.temperature, Self.startHumidity,
            Self.humidity,
        ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let reading = try WholeReading(of: &sensor)
            #expect(reading.waits == [.milliseconds(11), .milliseconds(23)])
            #expect(abs(try #require(reading.value(of: .temperature)) - 24.6864) < 0.001)
            #expect(abs(try #require(reading.value(of: .relativeHumidity)) - 32.3377) < 0.001)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test(
        "an HTU21D or SHT2x is asked for no id and given its longer times",
        arguments: [("htu21d", 50, 16), ("sht20", 85, 29), ("sht21", 85, 29)])
    func variants(name: String, temperatureTime: Int, humidityTime: Int) throws {
        let steps = [
            .read([0xE7], from: 0x40, returns: [0x02]), Self.startTemperature, Self.temperature,
            Self.startHumidity, Self.humidity,
        ]
        let (reading, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus, as: name)
            return try WholeReading(of: &sensor)
        }
        #expect(reading.waits == [.milliseconds(temperatureTime), .milliseconds(humidityTime)])
        #expect(deviations == [])
    }

    @Test("the HTU21D model is read as an HTU21D, and refused as a Si7021 with the way out")
    func htu21d() throws {
        let bench = ChipBench(model: Si7021Model.self, address: 0x40)
        bench.wires.attach(
            Si7021Model(.htu21d, ambient: Ambient(celsius: 7.5), poweredAt: bench.wires.now), at: 0x40)
        bench.wait(.seconds(1))
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus, as: "htu21d")
        #expect(try bench.gives(7.5, &sensor))
        let error = #expect(throws: SensorError.self) { try self.sensor(on: bench.bus) }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.description.contains("HTU21D") == true)
        #expect(error?.isRetryable == false)
    }

    @Test("an id that is damaged or of another part is refused, engineering samples are not")
    func identities() throws {
        let cases: [([UInt8], SensorErrorKind?)] = [
            ([0x15, 0x8A, 0xB9], .crcMismatch), ([0, 0, 0], .busError), ([0x32, 0xD4, 0xAB], .wrongIdentity),
            ([0x0D, 0x00, CRC8.si([0x0D, 0x00])], nil), ([0x14, 0x00, CRC8.si([0x14, 0x00])], nil),
            ([0x00, 0x01, CRC8.si([0x00, 0x01])], nil), ([0xFF, 0x01, CRC8.si([0xFF, 0x01])], nil),
        ]
        for (id, kind) in cases {
            let steps = [Self.user, .read([0xFC, 0xC9], from: 0x40, returns: id)]
            let (found, deviations) = ScriptedI2CBus.run(steps) { bus -> SensorErrorKind? in
                do throws(SensorError) {
                    _ = try sensor(on: bus)
                    return nil
                } catch {
                    return error.kind
                }
            }
            #expect(found == kind)
            #expect(deviations == [])
        }
    }

    @Test(
        "a coarser resolution is made full, and put back at the end",
        arguments: [0x01, 0x80, 0x81] as [UInt8])
    func resolution(bits: UInt8) throws {
        let bench = ChipBench(model: Si7021Model.self, address: 0x40, ambient: Ambient(celsius: 19.03))
        try bench.device.write([0xE6, 0x3A | bits])
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        let measured = try bench.read(&sensor).value(of: .temperature)
        #expect(abs(try #require(measured) - 19.03) < 0.006)
        sensor.restore()
        #expect(try bench.device.read(1, from: 0xE7) == [0x3A | bits])
    }

    @Test("a resolution that could not be set for certain is put back at once")
    func failedSetting() throws {
        let steps = [
            .read([0xE7], from: 0x40, returns: [0x3B]), Self.identity,
            Step.write([0xE6, 0x3A], to: 0x40).failing(.timedOut), .write([0xE6, 0x3B], to: 0x40),
        ]
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.cause?.kind == .timedOut)
        #expect(deviations == [])
    }

    @Test("a chip whose heater is on is refused, with what to do about it")
    func heater() throws {
        let bench = ChipBench(model: Si7021Model.self, address: 0x40)
        try bench.device.write([0xE6, 0x3E])
        let error = #expect(throws: SensorError.self) { try sensor(on: bench.bus) }
        #expect(error?.kind == .sensorFault)
        #expect(error?.description.contains("take the chip's power away") == true)
        #expect(try bench.device.read(1, from: 0xE7) == [0x3E])
    }

    @Test("any flipped bit of either result fails the checksum", arguments: 0..<24)
    func checksum(bit: Int) {
        for (quantity, bytes) in [
            (Quantity.temperature, [0x68, 0x3A, 0x7C]), (.relativeHumidity, [0x4E, 0x85, 0x6B]),
        ] as [(Quantity, [UInt8])] {
            let error = #expect(throws: SensorError.self) {
                try Si7021.measurement(of: quantity, from: flipped(bytes, bit: bit))
            }
            #expect(error?.kind == .crcMismatch)
        }
    }

    @Test("an all-zero result, which passes the checksum, is a bus error")
    func allZero() {
        for quantity in [Quantity.temperature, .relativeHumidity] {
            let error = #expect(throws: SensorError.self) {
                try Si7021.measurement(of: quantity, from: [0, 0, 0])
            }
            #expect(error?.kind == .busError)
        }
    }

    @Test("each conversion is asked for every 5 ms up to twice its time")
    func busy() throws {
        let opened = [Self.user, Self.identity, Self.startTemperature]
        let busy = Self.temperature.failing(.noAcknowledge)
        let steps =
            opened + [busy, busy, busy, Self.temperature, Self.startHumidity]
            + [Step](repeating: Self.humidity.failing(.noAcknowledge), count: 6)
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let error = #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
            #expect(error?.kind == .notReady)
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        #expect(deviations == [])
    }

    @Test("one quantity alone is one conversion")
    func only() throws {
        var part = Part("si7021")
        part.only = .relativeHumidity
        let (reading, deviations) = try ScriptedI2CBus.run(
            [Self.user, Self.identity, Self.startHumidity, Self.humidity]
        ) { bus in
            var sensor = try Si7021(I2CDevice(bus: bus, address: 0x40), part: part)
            return try WholeReading(of: &sensor)
        }
        #expect(reading.measurements.map(\.quantity) == [.relativeHumidity])
        #expect(deviations == [])
        part.only = .pressure
        #expect(throws: SensorError.self) {
            try Si7021(I2CDevice(bus: RecordedI2CBus(.frame([])), address: 0x40), part: part)
        }
    }

    @Test("a reset between the conversions spoils the reading, not the one after it")
    func powerCut() throws {
        let bench = ChipBench(model: Si7021Model.self, address: 0x40)
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        bench.wait(try sensor.startConversion())
        #expect(try sensor.collect() == .wait(.milliseconds(23)))
        bench.wires.attach(
            Si7021Model(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x40)
        let error = #expect(throws: SensorError.self) {
            while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
        }
        #expect(error?.kind == .notReady)
        bench.wait(.milliseconds(80))
        #expect(try bench.gives(5, &sensor))
    }
}
