// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// Every name of the family on the model of its part; the conformance suite tries the driver's own name only.
@Suite("LM75 family on its models")
struct LM75FamilyTests {
    /// A name with its part, the step of its temperature, and the transactions of a reading.
    struct Member: CustomTestStringConvertible, Sendable {
        let name: String
        let variant: LM75Model.Variant
        let step: Double
        let transactions: Int
        var testDescription: String { name }

        /// The part on a bench, powered for a minute.
        func bench(celsius: Double = 20) -> ChipBench {
            let bench = ChipBench(model: nil, address: 0x4F)
            bench.wires.attach(
                LM75Model(variant, ambient: Ambient(celsius: celsius), poweredAt: bench.wires.now), at: 0x4F)
            bench.wait(.seconds(60))
            return bench
        }

        func open(_ bench: ChipBench) throws -> any I2CSensorDriver {
            try LM75(bench.device, part: Part(name))
        }
    }

    static let members: [Member] =
        ["lm75", "lm75a", "stlm75", "tcn75"].map {
            Member(name: $0, variant: .lm75, step: 0.5, transactions: 1)
        } + [
            Member(name: "lm75b", variant: .lm75b, step: 0.125, transactions: 1),
            Member(name: "pct2075", variant: .pct2075, step: 0.125, transactions: 1),
        ]
        + ["tmp75", "tmp175", "tmp275", "tmp105"].map {
            Member(name: $0, variant: .tmp75, step: 0.0625, transactions: 2)
        }

    private func settings(on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(LM75Model.self, at: bench.address) { model, _ in model.settings }
    }

    @Test("every name of the catalog is tried here")
    func everyName() {
        let driver = DriverCatalog.driver(named: "lm75")
        #expect(
            Set(Self.members.map(\.name)) == Set([driver?.name].compactMap(\.self) + (driver?.aliases ?? [])))
    }

    @Test("each part is read with its own step, anew each time", arguments: members)
    func reads(member: Member) throws {
        let bench = member.bench()
        var sensor = try member.open(bench)
        for celsius in [21.4375, -0.5, 0, -54.5625, 124.9375] {
            bench.setTemperature(celsius)
            let before = bench.bus.count
            let value = try #require(try bench.read(&sensor).value(of: .temperature))
            #expect(value == (celsius / member.step).rounded(.toNearestOrEven) * member.step)
            if celsius > 1 { #expect(bench.bus.count - before == member.transactions) }
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
    }

    @Test(
        "the chip is left as it was found, awake or asleep", arguments: members,
        [0x00, 0x01, 0x1E] as [UInt8])
    func restores(member: Member, configuration: UInt8) throws {
        let bench = member.bench()
        try bench.device.write([0x01, configuration])
        bench.wait(.seconds(1))
        let found = settings(on: bench)
        var sensor = try member.open(bench)
        bench.setTemperature(30)
        #expect(try bench.gives(30, &sensor))
        sensor.restore()
        #expect(found?.first == UInt16(configuration))
        #expect(settings(on: bench) == found)
    }

    @Test("a power cut during the conversion is never read as 0 °C", arguments: members)
    func powerCut(member: Member) throws {
        let bench = member.bench(celsius: 22)
        var sensor = try member.open(bench)
        bench.wait(try sensor.startConversion())
        _ = bench.wires.withModel(LM75Model.self, at: bench.address) { $0.resetPower(at: $1) }
        do throws(SensorError) {
            guard case .wait(let duration) = try sensor.collect() else {
                Issue.record("a value of a chip that has not converted")
                return
            }
            bench.wait(duration)
            #expect(try sensor.collect().measurements?.value(of: .temperature) == 22)
        } catch {
            #expect(error.kind == .powerOnValue)
        }
        #expect(try bench.gives(22, &sensor))
    }

    @Test(
        "chips that would pass for an LM75 are refused by the name of their driver",
        arguments: [
            ("tmp117", TMP117Model.self), ("adt7410", ADT7410Model.self), ("TMP102", TMP102Model.self),
        ] as [(String, any AmbientChipModel.Type)])
    func otherChips(name: String, model: any AmbientChipModel.Type) {
        let bench = ChipBench(model: model, address: 0x48, ambient: Ambient(celsius: 25))
        let error = #expect(throws: SensorError.self) {
            try LM75(bench.device, part: Part(LM75.name))
        }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.detail.contains(name) == true)
    }

    @Test("a part without resolution bits is no TMP75, and is left as it was found")
    func noResolutionBits() throws {
        let member = Self.members[4]
        let bench = member.bench()
        let error = #expect(throws: SensorError.self) { try LM75(bench.device, part: Part("tmp75")) }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.detail.hasSuffix("its driver is lm75") == true)
        #expect(settings(on: bench) == [0, 0x4B00, 0x5000, 0])
    }

    @Test("resolution bits in the configuration of an LM75 are refused with advice")
    func unexpectedResolutionBits() throws {
        let bench = Self.members[9].bench()
        try bench.device.write([0x01, 0x60])
        let error = #expect(throws: SensorError.self) { try LM75(bench.device, part: Part("lm75")) }
        #expect(error?.kind == .wrongIdentity)
        #expect(error?.detail.contains("TMP75") == true)
    }
}
