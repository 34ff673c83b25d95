// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Simulation
import Testing

@testable import SensorDrivers

@Suite("Failed set-ups")
struct FailedSetUpTests {
    /// A part that needs to be configured, as its power-up or somebody else left it.
    struct Subject: CustomTestStringConvertible, Sendable {
        let name: String
        let address: UInt8
        let model: @Sendable (ContinuousClock.Instant) -> any AmbientChipModel
        let before: [UInt8]?
        var testDescription: String { name }

        func bench() throws -> ChipBench {
            let bench = ChipBench(model: nil, address: address)
            let model = model(bench.wires.now)
            bench.wires.attach(model, at: address)
            bench.wait(.seconds(60))
            if let before { try bench.device.write(before) }
            return bench
        }
    }

    private static let air = Ambient(celsius: 20)

    static let subjects = [
        Subject(
            name: "tmp102", address: 0x48, model: { TMP102Model(ambient: air, poweredAt: $0) }, before: nil),
        Subject(
            name: "tmp117", address: 0x48, model: { TMP117Model(ambient: air, poweredAt: $0) }, before: nil),
        Subject(
            name: "tmp75", address: 0x48, model: { LM75Model(.tmp75, ambient: air, poweredAt: $0) },
            before: nil),
        Subject(
            name: "lm75", address: 0x48, model: { LM75Model(ambient: air, poweredAt: $0) },
            before: [0x01, 0x01]),
        Subject(
            name: "mcp9808", address: 0x18, model: { MCP9808Model(ambient: air, poweredAt: $0) },
            before: [0x08, 0x00]),
        Subject(
            name: "adt7410", address: 0x48, model: { ADT7410Model(ambient: air, poweredAt: $0) }, before: nil),
        Subject(
            name: "bme280", address: 0x76, model: { BME280Model(ambient: air, poweredAt: $0) },
            before: [0xF2, 0x05, 0xF5, 0x10]),
        Subject(
            name: "bmp280", address: 0x76, model: { BMP280Model(ambient: air, poweredAt: $0) },
            before: [0xF5, 0x10]),
        Subject(
            name: "hdc1080", address: 0x40, model: { HDC1080Model(ambient: air, poweredAt: $0) },
            before: [0x02, 0x05, 0x00]),
        Subject(
            name: "hdc2080", address: 0x40, model: { HDC2080Model(ambient: air, poweredAt: $0) },
            before: [0x0E, 0x50, 0x01]),
        Subject(
            name: "si7021", address: 0x40, model: { Si7021Model(ambient: air, poweredAt: $0) },
            before: [0xE6, 0xBB]),
    ]

    @Test(
        "a set-up that fails at any transaction, taken by the chip or not, leaves the chip as it was found",
        arguments: subjects, [.failure(.timedOut), .lateFailure(.timedOut)] as [FaultyBus.Fault])
    func leftAsFound(subject: Subject, fault: FaultyBus.Fault) throws {
        guard case .i2c(let type) = DriverCatalog.driver(named: subject.name)?.attachment else {
            Issue.record("no such driver")
            return
        }
        let quiet = try subject.bench()
        let first = quiet.bus.count
        _ = try type.init(quiet.device, part: Part(subject.name))
        #expect(quiet.bus.count > first)
        for transaction in first..<quiet.bus.count {
            let bench = try subject.bench()
            let found = bench.wires.settings(at: subject.address)
            bench.bus.fault = (transaction, fault)
            #expect(throws: SensorError.self) { try type.init(bench.device, part: Part(subject.name)) }
            #expect(found != nil)
            #expect(bench.wires.settings(at: subject.address) == found, "transaction \(transaction)")
        }
    }
}

extension VirtualI2CBus {
    /// The settings of whatever chip is at `address`.
    fileprivate func settings(at address: UInt8) -> [UInt16]? {
        for type in ChipModelCatalog.all.values {
            if let settings = settings(of: type, at: address) { return settings }
        }
        return nil
    }

    private func settings<Model: AmbientChipModel>(of type: Model.Type, at address: UInt8) -> [UInt16]? {
        withModel(type, at: address) { model, _ in model.settings }
    }
}
