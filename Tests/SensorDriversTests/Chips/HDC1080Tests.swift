// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("HDC1080")
struct HDC1080Tests {
    typealias Step = ScriptedI2CBus.Step

    static let identity: [Step] = [
        .read([0xFF], from: 0x40, returns: [0x10, 0x50]), .read([0xFE], from: 0x40, returns: [0x54, 0x49]),
    ]
    static let open = identity + [.read([0x02], from: 0x40, returns: [0x10, 0x00])]
    static let start = Step.write([0x00], to: 0x40)
    /// 25.742 °C and 50 %.
    static let fetch = Step.read([], from: 0x40, returns: [0x66, 0x00, 0x80, 0x00])

    private func sensor(on bus: any I2CBus) throws(SensorError) -> HDC1080 {
        try HDC1080(I2CDevice(bus: bus, address: 0x40), part: Part(HDC1080.name))
    }

    @Test("a reading costs one write and one bare read, and a chip set as needed is not written to")
    func transcript() throws {
        let (_, deviations) = try ScriptedI2CBus.run(Self.open + [Self.start, Self.fetch]) { bus in
            var sensor = try sensor(on: bus)
            let reading = try WholeReading(of: &sensor)
            #expect(reading.waits == [.milliseconds(15)])
            #expect(abs(try #require(reading.value(of: .temperature)) - 25.7422) < 0.0001)
            #expect(reading.value(of: .relativeHumidity) == 50)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("another configuration is changed where it must be, and put back bit by bit")
    func configuration() throws {
        let steps =
            Self.identity + [
                .read([0x02], from: 0x40, returns: [0x0D, 0x00]), .write([0x02, 0x10, 0x00], to: 0x40),
                Self.start, Self.fetch, .write([0x02, 0x05, 0x00], to: 0x40),
            ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try self.sensor(on: bus)
            _ = try WholeReading(of: &sensor)
            sensor.restore()
        }
        #expect(deviations == [])

        let bench = ChipBench(model: HDC1080Model.self, address: 0x40, ambient: Ambient(celsius: 14.6))
        try bench.device.writeWord(0x0600, to: 2)
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        let value = try bench.read(&sensor).value(of: .temperature)
        #expect(abs(try #require(value) - 14.6) < 0.006)
        sensor.restore()
        #expect(try bench.device.readWord(from: 2) == 0x0600)
    }

    @Test("a configuration that could not be set for certain is put back at once")
    func failedSetting() throws {
        let steps =
            Self.identity + [
                .read([0x02], from: 0x40, returns: [0x05, 0x00]),
                Step.write([0x02, 0x10, 0x00], to: 0x40).failing(.timedOut),
                .write([0x02, 0x05, 0x00], to: 0x40),
            ]
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.cause?.kind == .timedOut)
        #expect(deviations == [])
    }

    @Test("a busy chip is asked again every 2 ms, and given up after eight times")
    func busy() throws {
        let busy = Self.fetch.failing(.noAcknowledge)
        let steps =
            Self.open + [Self.start, busy, Self.fetch, Self.start] + [Step](repeating: busy, count: 9)
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(15), .milliseconds(2)])
            let error = #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
            #expect(error?.kind == .notReady)
            #expect(error?.cause?.kind == .noAcknowledge)
        }
        #expect(deviations == [])
    }

    @Test("a chip whose heater is on is refused, with what to do about it")
    func heater() throws {
        let bench = ChipBench(model: HDC1080Model.self, address: 0x40)
        try bench.device.writeWord(0x3000, to: 2)
        let error = #expect(throws: SensorError.self) { try sensor(on: bench.bus) }
        #expect(error?.kind == .sensorFault)
        #expect(error?.description.contains("take the chip's power away") == true)
        #expect(try bench.device.readWord(from: 2) == 0x3000)
    }

    @Test("another chip is refused before the read that a Si7021 would take for a reset")
    func identity() throws {
        let steps = [Step.read([0xFF], from: 0x40, returns: [0x07, 0xFF])]
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(deviations == [])

        let other = ChipBench(model: Si7021Model.self, address: 0x40)
        try other.device.write([0xE6, 0xBB])
        #expect(throws: SensorError.self) { try sensor(on: other.bus) }
        #expect(try other.device.read(1, from: 0xE7) == [0xBB])
    }

    @Test("frames that no measurement gives are refused, the lowest temperature code alone is suspect")
    func frames() throws {
        for (bytes, kind) in [
            ([0, 0, 0, 0], .notReady), ([0xFF, 0xFF, 0xFF, 0xFF], .busError),
            ([0x66, 0x01, 0x80, 0], .busError),
            ([0x66, 0, 0x80, 0x02], .busError),
        ] as [([UInt8], SensorErrorKind)] {
            let error = #expect(throws: SensorError.self) { try HDC1080.measurements(from: bytes) }
            #expect(error?.kind == kind)
        }
        let lowest = try HDC1080.measurements(from: [0, 0, 0x40, 0])
        #expect(lowest[0].quality == .suspect(.saturated))
        #expect(lowest.value(of: .temperature) == nil)
        #expect(lowest.value(of: .relativeHumidity) == 25)
    }

    @Test("a chip that is reset during the conversion gives nothing, and the next reading is a new one")
    func powerCut() throws {
        for gap in [Duration.zero, .milliseconds(40)] {
            let bench = ChipBench(model: HDC1080Model.self, address: 0x40)
            var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
            bench.wait(try sensor.startConversion())
            bench.wires.attach(
                HDC1080Model(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x40)
            bench.wait(gap)
            let error = #expect(throws: SensorError.self) {
                while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
            }
            #expect(error?.kind == .notReady)
            #expect(try bench.gives(5, &sensor))
        }
    }
}
