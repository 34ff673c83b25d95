// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("HDC2080")
struct HDC2080Tests {
    typealias Step = ScriptedI2CBus.Step

    static func status(_ byte: UInt8) -> Step { .read([0x04], from: 0x40, returns: [byte]) }
    static let identity = Step.read([0xFC], from: 0x40, returns: [0x49, 0x54, 0xD0, 0x07])
    static let open = [identity, .read([0x0E], from: 0x40, returns: [0, 0]), status(0)]
    static let start = Step.write([0x0F, 0x01], to: 0x40)
    /// 0x6600 and 0x8000, low bytes first.
    static let fetch = Step.read([0x00], from: 0x40, returns: [0x00, 0x66, 0x00, 0x80])

    private func sensor(on bus: any I2CBus, _ part: Part = Part(HDC2080.name)) throws(SensorError) -> HDC2080
    {
        try HDC2080(I2CDevice(bus: bus, address: 0x40), part: part)
    }

    @Test("a reading costs trigger, status and result, and a chip at rest is left alone")
    func transcript() throws {
        let steps = Self.open + [Self.start, Self.status(0x80), Self.fetch]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            let reading = try WholeReading(of: &sensor)
            #expect(reading.waits == [.milliseconds(2)])
            #expect(abs(try #require(reading.value(of: .temperature)) - 25.2422) < 0.0001)
            #expect(reading.value(of: .relativeHumidity) == 50)
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("the offset of the formula is that of the part, or the one that is set")
    func offset() throws {
        var set = Part("hdc2080")
        set.temperatureOffset = 40.62
        for (part, celsius) in [(Part("hdc2080"), 25.2422), (Part("hdc2010"), 25.7422), (set, 25.1222)] {
            let (reading, deviations) = try ScriptedI2CBus.run(
                Self.open + [Self.start, Self.status(0x80), Self.fetch]
            ) { bus in
                var sensor = try sensor(on: bus, part)
                return try WholeReading(of: &sensor)
            }
            #expect(abs(try #require(reading.value(of: .temperature)) - celsius) < 0.0001)
            #expect(deviations == [])
        }
    }

    @Test("the HDC2010 model is read right by its own name")
    func hdc2010() throws {
        let bench = ChipBench(model: HDC2080Model.self, address: 0x41)
        bench.wires.attach(
            HDC2080Model(ambient: Ambient(celsius: 21.5), poweredAt: bench.wires.now, offset: 40), at: 0x41)
        bench.wait(.seconds(1))
        var sensor = try HDC2080(bench.device, part: Part("hdc2010"))
        bench.wait(try sensor.startConversion())
        let value = try sensor.collect().measurements?.value(of: .temperature)
        #expect(abs(try #require(value) - 21.5) < 0.006)
    }

    @Test("without the data-ready bit the result is not looked at; after six times it is given up")
    func busy() throws {
        let steps =
            Self.open + [Self.start, Self.status(0), Self.status(0x80), Self.fetch, Self.start]
            + [Step](repeating: Self.status(0), count: 6)
            // Nobody has seen the end of that one: its bit is cleared before the next begins.
            + [Self.status(0x80), Self.start, Self.status(0x80), Self.fetch]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(2), .milliseconds(1)])
            let error = #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
            #expect(error?.kind == .notReady)
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(2)])
        }
        #expect(deviations == [])
    }

    @Test("automatic measurements are stopped, and go on at the end")
    func automatic() throws {
        let bench = ChipBench(model: HDC2080Model.self, address: 0x40, ambient: Ambient(celsius: 13))
        try bench.device.write([0x0E, 0x54])
        try bench.device.write([0x0F, 0x51])
        bench.wait(.seconds(10))
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        bench.setTemperature(-13)
        #expect(try bench.gives(-13, &sensor))
        bench.wait(.seconds(3))
        bench.setTemperature(31)
        #expect(try bench.gives(31, &sensor))
        sensor.restore()
        #expect(try bench.device.read(2, from: 0x0E) == [0x54, 0x50])
        _ = try bench.device.read(1, from: 0x04)
        bench.wait(.seconds(2))
        #expect(try bench.device.read(1, from: 0x04) == [0x80])
    }

    @Test("automatic measurements that could not be stopped for certain go on")
    func failedSetting() throws {
        let steps = [
            Self.identity, .read([0x0E], from: 0x40, returns: [0x50, 0]), Self.status(0x80),
            Step.write([0x0E, 0x00], to: 0x40).failing(.timedOut), .write([0x0E, 0x50], to: 0x40),
        ]
        let (error, deviations) = ScriptedI2CBus.run(steps) { bus in
            #expect(throws: SensorError.self) { try sensor(on: bus) }
        }
        #expect(error?.cause?.kind == .timedOut)
        #expect(deviations == [])
    }

    @Test("a measurement configuration that was found is put back")
    func measurementConfiguration() throws {
        let bench = ChipBench(model: HDC2080Model.self, address: 0x40)
        try bench.device.write([0x0F, 0xA2])
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        #expect(try bench.read(&sensor).value(of: .relativeHumidity) != nil)
        sensor.restore()
        #expect(try bench.device.read(1, from: 0x0F) == [0xA2])
    }

    @Test("a chip whose heater is on is refused, with what to do about it")
    func heater() throws {
        let bench = ChipBench(model: HDC2080Model.self, address: 0x40)
        try bench.device.write([0x0E, 0x08])
        let error = #expect(throws: SensorError.self) { try sensor(on: bench.bus) }
        #expect(error?.kind == .sensorFault)
        #expect(error?.description.contains("take the chip's power away") == true)
        #expect(try bench.device.read(1, from: 0x0E) == [0x08])
    }

    @Test("another id is refused, and what it was is said")
    func identity() {
        let bus = RecordedI2CBus(.registers([0xFC: [0x49, 0x54, 0x50, 0x10]]))
        let error = #expect(throws: SensorError.self) { try sensor(on: bus) }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.description.contains("49 54 50 10") == true)
    }

    @Test("frames that no measurement gives are refused, the lowest temperature code alone is suspect")
    func frames() throws {
        for (bytes, offset, kind) in [
            ([0, 0, 0, 0], 40, .notReady), ([3, 0, 2, 0], 40, .notReady),
            ([0, 0, 0, 0x40], 40.5, .outOfRange),
            ([0xFF, 0xFF, 0xFF, 0xFF], 40, .busError), ([0, 0x66, 0, 0x80], .nan, .outOfRange),
        ] as [([UInt8], Double, SensorErrorKind)] {
            let error = #expect(throws: SensorError.self) {
                try HDC2080.measurements(from: bytes, offset: offset)
            }
            #expect(error?.kind == kind)
        }
        let lowest = try HDC2080.measurements(from: [0, 0, 0, 0x40], offset: 40)
        #expect(lowest[0].quality == .suspect(.saturated))
        #expect(lowest.value(of: .relativeHumidity) == 25)
    }

    @Test("a chip that is reset during the conversion gives nothing, and the next reading is a new one")
    func powerCut() throws {
        let bench = ChipBench(model: HDC2080Model.self, address: 0x40)
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        #expect(try bench.gives(20, &sensor))
        bench.wait(try sensor.startConversion())
        bench.wires.attach(
            HDC2080Model(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x40)
        bench.wait(.milliseconds(10))
        let error = #expect(throws: SensorError.self) {
            while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
        }
        #expect(error?.kind == .notReady)
        #expect(try bench.gives(5, &sensor))
    }

    @Test("SMBus calls suffice, even byte by byte")
    func smbusOnly() throws {
        let functions = SMBusOnlyI2CBus.allCalls.subtracting([.readBlock, .writeBlock, .readWordData])
        let bench = ChipBench(model: HDC2080Model.self, address: 0x40, ambient: Ambient(celsius: 17))
        var sensor: any I2CSensorDriver = try sensor(on: SMBusOnlyI2CBus(bench.bus, functions: functions))
        #expect(try bench.gives(17, &sensor))
    }
}
