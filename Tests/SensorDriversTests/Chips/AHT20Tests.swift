// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("AHT20")
struct AHT20Tests {
    typealias Step = ScriptedI2CBus.Step

    static func status(_ byte: UInt8) -> Step { .read([], from: 0x38, returns: [byte]) }
    static let start = Step.write([0xAC, 0x33, 0x00], to: 0x38)
    static let initialise = Step.write([0xBE, 0x08, 0x00], to: 0x38)
    static let reset = Step.write([0xBA], to: 0x38)
    /// A frame of a real part: 14.588 °C and 57.685 %.
    static let frame: [UInt8] = [0x18, 0x93, 0xAC, 0x95, 0x2A, 0xC5, 0xB3]
    static let fetch = Step.read([], from: 0x38, returns: frame)
    static let busy = Step.read([], from: 0x38, returns: [0x98, 0, 0, 0, 0, 0, 0])

    private func sensor(on bus: any I2CBus) throws(SensorError) -> AHT20 {
        try AHT20(I2CDevice(bus: bus, address: 0x38), part: Part(AHT20.name))
    }

    @Test("a reading costs one write and one bare read, and command 0x71 is never sent")
    func transcript() throws {
        let steps = [Self.status(0x18), Self.start, Self.fetch, Self.start, Self.fetch]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            for _ in 0..<2 {
                let reading = try WholeReading(of: &sensor)
                #expect(reading.waits == [.milliseconds(80)])
                #expect(abs(try #require(reading.value(of: .temperature)) - 14.5884) < 0.0001)
                #expect(abs(try #require(reading.value(of: .relativeHumidity)) - 57.6852) < 0.0001)
            }
            sensor.restore()
        }
        #expect(deviations == [])
    }

    @Test("a chip without calibration is initialised once, before its first conversion")
    func initialisation() throws {
        let steps = [
            Self.status(0x10), Self.initialise, Self.status(0x18), Self.start, Self.fetch, Self.start,
            Self.fetch,
        ]
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(10), .milliseconds(80)])
            #expect(try WholeReading(of: &sensor).waits == [.milliseconds(80)])
        }
        #expect(deviations == [])
    }

    @Test("where that does not help the chip is reset once, then refused")
    func resetAsSecondResort() throws {
        let beginning = [
            Self.status(0x10), Self.initialise, Self.status(0x10), Self.reset, Self.initialise,
        ]
        let (waits, deviations) = try ScriptedI2CBus.run(
            beginning + [Self.status(0x1C), Self.start, Self.fetch]
        ) { bus in
            var sensor = try sensor(on: bus)
            return try WholeReading(of: &sensor).waits
        }
        #expect(waits == [.milliseconds(10), .milliseconds(20), .milliseconds(10), .milliseconds(80)])
        #expect(deviations == [])

        let (error, left) = try ScriptedI2CBus.run(beginning + [Self.status(0x10)]) { bus in
            var sensor = try sensor(on: bus)
            return #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
        }
        #expect(error?.kind == .notCalibrated)
        #expect(left == [])
    }

    @Test("a calibration lost between two readings is loaded anew for the next one")
    func lostCalibration() throws {
        let bench = ChipBench(model: AHT20Model.self, address: 0x38)
        bench.wires.attach(
            AHT20Model(ambient: Ambient(celsius: 9), poweredAt: bench.wires.now, calibratesItself: false),
            at: 0x38)
        bench.wait(.seconds(1))
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        #expect(try bench.gives(9, &sensor))
        bench.wires.attach(
            AHT20Model(ambient: Ambient(celsius: 4), poweredAt: bench.wires.now, calibratesItself: false),
            at: 0x38)
        bench.wait(.seconds(1))
        let error = #expect(throws: SensorError.self) { try bench.read(&sensor) }
        #expect(error?.kind == .notCalibrated)
        #expect(try bench.gives(4, &sensor))
    }

    @Test("a busy chip is asked again every 10 ms, and given up after ten times")
    func busy() throws {
        let steps =
            [Self.status(0x18), Self.start, Self.busy, Self.busy, Self.fetch, Self.start]
            + [Step](repeating: Self.busy, count: 11)
        let (_, deviations) = try ScriptedI2CBus.run(steps) { bus in
            var sensor = try sensor(on: bus)
            #expect(
                try WholeReading(of: &sensor).waits == [
                    .milliseconds(80), .milliseconds(10), .milliseconds(10),
                ])
            let error = #expect(throws: SensorError.self) { try WholeReading(of: &sensor) }
            #expect(error?.kind == .notReady)
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        #expect(deviations == [])
    }

    @Test("a slow chip is waited for, and its result is that of its own conversion")
    func slowChip() throws {
        let bench = ChipBench(model: AHT20Model.self, address: 0x38, ambient: Ambient(celsius: 11))
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        #expect(try bench.gives(11, &sensor))
        bench.setTemperature(-11)
        _ = try sensor.startConversion()
        // No time has passed: the bytes are those of the conversion before.
        #expect(try sensor.collect() == .wait(.milliseconds(10)))
        bench.wait(.milliseconds(80))
        let value = try sensor.collect().measurements?.value(of: .temperature)
        #expect(abs(try #require(value) + 11) < 0.001)
    }

    @Test("any flipped bit of a result fails the checksum, or says busy", arguments: 0..<56)
    func checksum(bit: Int) {
        let error = #expect(throws: SensorError.self) {
            try AHT20.measurements(from: flipped(Self.frame, bit: bit))
        }
        #expect(error?.kind == (bit == 0 ? .notReady : .crcMismatch))
    }

    @Test("a result of an AHT10, one byte shorter, and those of a dead bus are refused")
    func otherFrames() {
        for (bytes, kind) in [
            (Array(Self.frame.dropLast()), .shortRead), ([UInt8](repeating: 0, count: 7), .crcMismatch),
            ([UInt8](repeating: 0xFF, count: 7), .notReady),
        ] as [([UInt8], SensorErrorKind)] {
            let error = #expect(throws: SensorError.self) { try AHT20.measurements(from: bytes) }
            #expect(error?.kind == kind)
        }
        let error = #expect(throws: SensorError.self) { try sensor(on: RecordedI2CBus(.frame([0xFF]))) }
        #expect(error?.kind == .busError)
    }

    @Test("a chip that is reset during the conversion gives nothing, and the next reading is a new one")
    func powerCut() throws {
        let bench = ChipBench(model: AHT20Model.self, address: 0x38)
        var sensor: any I2CSensorDriver = try sensor(on: bench.bus)
        bench.wait(try sensor.startConversion())
        bench.wires.attach(
            AHT20Model(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x38)
        #expect(throws: SensorError.self) {
            while case .wait(let duration) = try sensor.collect() { bench.wait(duration) }
        }
        bench.wait(.milliseconds(100))
        bench.wait(try sensor.startConversion())
        bench.wires.attach(
            AHT20Model(ambient: Ambient(celsius: 5), poweredAt: bench.wires.now), at: 0x38)
        bench.wait(.seconds(1))
        #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(try bench.gives(5, &sensor))
    }
}
