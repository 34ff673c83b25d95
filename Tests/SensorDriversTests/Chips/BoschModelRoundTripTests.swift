// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// BME280, BMP280 and BMP180 on their models, which compute in the data sheets' integers and not as the drivers do.
@Suite("Bosch drivers on their models")
struct BoschModelRoundTripTests {
    private static let airs: [Ambient] = stride(from: -39.5, through: 84.5, by: 3.1).enumerated().map {
        Ambient(
            celsius: $1, relativeHumidity: Double(($0 * 37) % 101),
            pascals: 30_500 + Double(($0 * 7919) % 79_000))
    }

    @Test("a BME280 comes back within a step of its codes over the whole range")
    func bme280() throws {
        let bench = ChipBench(model: BME280Model.self, address: 0x76)
        var sensor: any I2CSensorDriver = try BME280(bench.device, part: Part(BME280.name))
        for air in Self.airs {
            bench.set(air)
            let seen = try bench.read(&sensor)
            #expect(abs(try #require(seen.value(of: .temperature)) - air.celsius) < 0.006)
            #expect(abs(try #require(seen.value(of: .pressure)) - air.pascals) < 4)
            #expect(abs(try #require(seen.value(of: .relativeHumidity)) - air.relativeHumidity) < 0.02)
        }
    }

    @Test("a BMP280 comes back within a step of its codes over the whole range")
    func bmp280() throws {
        let bench = ChipBench(model: BMP280Model.self, address: 0x77)
        var sensor: any I2CSensorDriver = try BMP280(bench.device, part: Part(BMP280.name))
        for air in Self.airs {
            bench.set(air)
            let seen = try bench.read(&sensor)
            #expect(abs(try #require(seen.value(of: .temperature)) - air.celsius) < 0.006)
            #expect(abs(try #require(seen.value(of: .pressure)) - air.pascals) < 4)
        }
    }

    @Test("a BMP180 comes back within the rounding of its integers", arguments: 0...3)
    func bmp180(oss: Int) throws {
        let bench = ChipBench(model: BMP180Model.self, address: 0x77)
        var part = Part(BMP180.name)
        part.oversampling = oss
        var sensor: any I2CSensorDriver = try BMP180(bench.device, part: part)
        for air in Self.airs {
            bench.set(air)
            let seen = try bench.read(&sensor)
            #expect(abs(try #require(seen.value(of: .temperature)) - air.celsius) < 0.03)
            #expect(abs(try #require(seen.value(of: .pressure)) - air.pascals) < 8)
        }
    }

    @Test(
        "a chip in normal mode with the filter on gives the air of now, and is put back",
        arguments: [
            [0xF2, 0x05, 0xF5, 0b000_100_00, 0xF4, 0b101_101_11], [0xF2, 0x01, 0xF5, 0xB4, 0xF4, 0x27],
            [0xF2, 0x00, 0xF5, 0x00, 0xF4, 0x00], [0xF2, 0x02, 0xF5, 0x11, 0xF4, 0x54],
        ] as [[UInt8]], [0.0, 30, 112])
    func normalMode(settings: [UInt8], milliseconds: Double) throws {
        let bench = ChipBench(model: BME280Model.self, address: 0x76, ambient: Ambient(celsius: 5))
        try bench.device.write(settings)
        bench.wait(.seconds(30) + .milliseconds(milliseconds))
        let before = bench.wires.withModel(BME280Model.self, at: 0x76) { model, _ in model.settings }
        bench.set(Ambient(celsius: 35, relativeHumidity: 20, pascals: 90_000))
        var sensor: any I2CSensorDriver = try BME280(bench.device, part: Part(BME280.name))
        let seen = try bench.read(&sensor)
        #expect(abs(try #require(seen.value(of: .temperature)) - 35) < 0.01)
        #expect(abs(try #require(seen.value(of: .pressure)) - 90_000) < 4)
        #expect(abs(try #require(seen.value(of: .relativeHumidity)) - 20) < 0.02)
        #expect(try bench.gives(35, &sensor))
        sensor.restore()
        bench.wait(.milliseconds(20))
        #expect(bench.wires.withModel(BME280Model.self, at: 0x76) { model, _ in model.settings } == before)
    }

    @Test("a restore in mid-conversion puts the chip back as well")
    func restoreMidway() throws {
        let bench = ChipBench(model: BME280Model.self, address: 0x76)
        try bench.device.write([0xF2, 0x03, 0xF5, 0x30, 0xF4, 0x93])
        bench.wait(.seconds(1))
        let before = bench.wires.withModel(BME280Model.self, at: 0x76) { model, _ in model.settings }
        var sensor: any I2CSensorDriver = try BME280(bench.device, part: Part(BME280.name))
        _ = try bench.read(&sensor)
        bench.wait(try sensor.startConversion() - .milliseconds(5))
        sensor.restore()
        bench.wait(.seconds(1))
        // A look at the chip brings the model up to now.
        _ = try bench.device.read(1, from: 0xD0)
        #expect(bench.wires.withModel(BME280Model.self, at: 0x76) { model, _ in model.settings } == before)
    }

    @Test("a slow chip is waited for, a stuck one is not", arguments: [(2.0, true), (50, false)])
    func slow(slowness: Double, comesBack: Bool) throws {
        let bench = ChipBench(model: nil, address: 0x76)
        let air = Ambient(celsius: 12)
        bench.wires.attach(
            BME280Model(ambient: air, poweredAt: bench.wires.now, slowness: slowness), at: 0x76)
        bench.wait(.seconds(1))
        var sensor: any I2CSensorDriver = try BME280(bench.device, part: Part(BME280.name))
        if comesBack {
            #expect(try bench.gives(12, &sensor))
        } else {
            let error = #expect(throws: SensorError.self) { try bench.read(&sensor) }
            #expect(error?.kind == .notReady)
        }

        let barometer = ChipBench(model: nil, address: 0x77)
        barometer.wires.attach(
            BMP180Model(ambient: air, poweredAt: barometer.wires.now, slowness: slowness), at: 0x77)
        var other: any I2CSensorDriver = try BMP180(barometer.device, part: Part(BMP180.name))
        if comesBack {
            #expect(try barometer.gives(12, &other))
        } else {
            #expect(throws: SensorError.self) { try barometer.read(&other) }
        }
    }

    @Test("a chip that loses its power at any time gives no value of before, and a right one right after")
    func powerCut() throws {
        for microseconds in stride(from: 0, through: 9000, by: 500) {
            let bench = ChipBench(model: BME280Model.self, address: 0x76, ambient: Ambient(celsius: 22))
            var sensor: any I2CSensorDriver = try BME280(bench.device, part: Part(BME280.name))
            _ = try sensor.startConversion()
            bench.wait(.microseconds(microseconds))
            _ = bench.wires.withModel(BME280Model.self, at: 0x76) { model, now in model.resetPower(at: now) }
            bench.wait(.microseconds(9300 - microseconds))
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .powerOnValue)
            bench.wait(.milliseconds(10))
            let seen = try bench.read(&sensor)
            #expect(seen.compactMap(\.goodValue).count == 3)
        }
    }

    @Test("a BMP180 that loses its power in either conversion gives no value")
    func barometerPowerCut() throws {
        for isSecond in [false, true] {
            let bench = ChipBench(model: BMP180Model.self, address: 0x77)
            var sensor: any I2CSensorDriver = try BMP180(bench.device, part: Part(BMP180.name))
            bench.wait(try sensor.startConversion())
            if isSecond {
                guard case .wait(let time) = try sensor.collect() else { throw SensorError(.malformed, "") }
                bench.wait(time)
            }
            _ = bench.wires.withModel(BMP180Model.self, at: 0x77) { model, now in model.resetPower(at: now) }
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .powerOnValue)
            #expect(try bench.gives(20, &sensor))
        }
    }

    @Test("byte by byte on an adapter without blocks a reading costs one write and two passes")
    func withoutBlocks() throws {
        let bench = ChipBench(model: BME280Model.self, address: 0x76, ambient: Ambient(celsius: 17))
        let functions = SMBusOnlyI2CBus.allCalls.subtracting([.readBlock, .writeBlock])
        let bus = SMBusOnlyI2CBus(bench.bus, functions: functions)
        var sensor: any I2CSensorDriver = try BME280(
            I2CDevice(bus: bus, address: 0x76), part: Part(BME280.name))
        let before = bench.bus.count
        let seen = try bench.read(&sensor)
        #expect(seen.compactMap(\.goodValue).count == 3)
        #expect(bench.bus.count - before == 1 + 2 * 13)
    }
}
