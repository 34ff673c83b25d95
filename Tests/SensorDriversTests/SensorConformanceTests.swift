// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// What every I²C driver of the catalog has to do; no chip is named here.
@Suite("Sensor conformance")
struct SensorConformanceTests {
    /// A driver with the model that it is tried on.
    struct Subject: CustomTestStringConvertible, Sendable {
        let type: any I2CSensorDriver.Type
        let model: any AmbientChipModel.Type
        var testDescription: String { type.name }
        var address: UInt8 { type.addresses.first ?? 0 }
    }

    static let subjects: [Subject] = DriverCatalog.all.compactMap { driver in
        guard case .i2c(let type) = driver.attachment, let model = ChipModelCatalog.all[driver.name] else {
            return nil
        }
        return Subject(type: type, model: model)
    }

    private static let kinds: [BusError.Kind] = [.noAcknowledge, .timedOut, .inputOutput, .arbitrationLost]

    @Test("every I²C driver has a model to be tried on, and names and addresses of its own")
    func catalog() {
        let names = DriverCatalog.all.compactMap { driver in
            if case .i2c = driver.attachment { driver.name } else { nil }
        }
        #expect(Self.subjects.map { $0.type.name } == names)
        #expect(Set(DriverCatalog.names).count == DriverCatalog.names.count)
        for name in DriverCatalog.names {
            #expect(name == name.lowercased())
            #expect(DriverCatalog.driver(named: name) != nil)
        }
        #expect(DriverCatalog.driver(named: "no such chip") == nil)
        #expect(Self.subjects.allSatisfy { !$0.type.addresses.isEmpty })
        #expect(Self.subjects.flatMap { $0.type.addresses }.allSatisfy { 0x08...0x77 ~= $0 })
    }

    @Test("it reads what the chip measures, at each of its addresses", arguments: subjects)
    func reads(subject: Subject) throws {
        for address in subject.type.addresses {
            let bench = ChipBench(model: subject.model, address: address, celsius: 21.5)
            var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
            #expect(try bench.gives(21.5, &sensor))
        }
    }

    @Test("an empty address is not found, and worth another try", arguments: subjects)
    func absent(subject: Subject) {
        let bench = ChipBench(model: nil, address: subject.address)
        let error = #expect(throws: SensorError.self) { try subject.type.init(bench.device) }
        #expect(error?.kind == .notFound)
        #expect(error?.cause?.kind == .noAcknowledge)
        #expect(error?.isRetryable == true)
        #expect(error?.description.contains("bench") == true)
    }

    @Test(
        "a chip that is another one, or a dead bus, is refused", arguments: subjects, [0x00, 0xFF] as [UInt8])
    func wrongIdentity(subject: Subject, byte: UInt8) {
        let bus = RecordedI2CBus(.frame([UInt8](repeating: byte, count: 256)))
        let error = #expect(throws: SensorError.self) {
            try subject.type.init(I2CDevice(bus: bus, address: subject.address))
        }
        #expect(error.map { [.wrongIdentity, .busError, .notMeasured].contains($0.kind) } == true)
    }

    @Test(
        "a bus error at any transaction gives no value, and the next reading is a new one",
        arguments: subjects)
    func faults(subject: Subject) throws {
        let untroubled = ChipBench(model: subject.model, address: subject.address)
        var sensor: any I2CSensorDriver = try subject.type.init(untroubled.device)
        let setUpCount = untroubled.bus.count
        _ = try untroubled.read(&sensor)
        let total = untroubled.bus.count
        #expect(setUpCount > 0)
        #expect(total > setUpCount)
        for kind in Self.kinds {
            for transaction in 0..<setUpCount {
                try expectFailedSetUp(of: subject, at: transaction, kind)
            }
            for transaction in setUpCount..<total {
                try expectFailedReading(of: subject, at: transaction, kind)
            }
        }
    }

    private func expectFailedSetUp(of subject: Subject, at transaction: Int, _ kind: BusError.Kind) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, celsius: 10)
        bench.bus.fault = (transaction, kind)
        let error = #expect(throws: SensorError.self) { try subject.type.init(bench.device) }
        #expect(error?.cause?.kind == kind)
        bench.setTemperature(30)
        var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
        #expect(try bench.gives(30, &sensor))
    }

    private func expectFailedReading(of subject: Subject, at transaction: Int, _ kind: BusError.Kind) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, celsius: 10)
        var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
        bench.bus.fault = (transaction, kind)
        let error = #expect(throws: SensorError.self) { try bench.read(&sensor) }
        #expect(error?.cause?.kind == kind)
        #expect(throws: SensorError.self) { try sensor.collect() }
        bench.setTemperature(30)
        #expect(try bench.gives(30, &sensor))
    }

    @Test("it never gives a value that was not started for, nor the same one twice", arguments: subjects)
    func neverStale(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, celsius: 20)
        var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
        #expect(throws: SensorError.self) { try sensor.collect() }
        for celsius in [20.0, -12.5, 0, 31.25] {
            bench.setTemperature(celsius)
            #expect(try bench.gives(celsius, &sensor))
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notMeasured)
        }
    }

    @Test("the chip is left as it was found", arguments: subjects)
    func leftAsFound(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address)
        let found = settings(of: subject.model, on: bench)
        var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
        _ = try bench.read(&sensor)
        sensor.restore()
        #expect(found != nil)
        #expect(settings(of: subject.model, on: bench) == found)
    }

    @Test("a chip that is gone at the end is no reason to stumble", arguments: subjects)
    func goneAtTheEnd(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address)
        var sensor: any I2CSensorDriver = try subject.type.init(bench.device)
        bench.wires.detach(at: subject.address)
        let error = #expect(throws: SensorError.self) { try bench.read(&sensor) }
        #expect(error?.kind == .notFound)
        sensor.restore()
    }

    private func settings<Model: AmbientChipModel>(of model: Model.Type, on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(model, at: bench.address) { model, _ in model.settings }
    }
}
