// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("Identification of chip models")
struct ChipModelIdentificationTests {
    struct Subject: CustomTestStringConvertible {
        let driver: SensorDriver
        let model: any AmbientChipModel.Type
        let address: UInt8
        var testDescription: String { "\(driver.name) at 0x\(hex(address))" }
    }

    /// Every model at every address that its driver names; a model that joins the catalog joins the tests.
    static let subjects: [Subject] = ChipModelCatalog.all.sorted { $0.key < $1.key }.flatMap { name, model in
        guard let driver = DriverCatalog.driver(named: name) else { return [Subject]() }
        return driver.addresses.map { Subject(driver: driver, model: model, address: $0) }
    }

    @Test("every model of the catalog is tried") func complete() {
        #expect(Set(Self.subjects.map(\.driver.name)) == Set(ChipModelCatalog.all.keys))
    }

    @Test(
        "the driver of the chip is among the candidates, and the chip is left as it was", arguments: subjects)
    func recognised(subject: Subject) async throws {
        let bench = ChipBench(model: subject.model, address: subject.address)
        // A chip in use has other settings than after power-up, and those have to stay as well.
        if var sensor = try? type(of: subject).init(bench.device, part: Part(subject.driver.name)) {
            _ = try bench.read(&sensor)
        }
        let found = settings(of: subject.model, on: bench)
        let identity = try await ChipIdentification.identify(bench.device) { bench.wait($0) }
        let drivers = identity.candidates.compactMap { DriverCatalog.driver(named: $0)?.name }
        #expect(drivers.contains(subject.driver.name), "\(identity)")
        bench.wait(.seconds(1))
        #expect(found != nil)
        #expect(settings(of: subject.model, on: bench) == found)
    }

    @Test("it still measures right afterwards", arguments: subjects)
    func measures(subject: Subject) async throws {
        let bench = ChipBench(
            model: subject.model, address: subject.address, ambient: Ambient(celsius: 27))
        var sensor = try type(of: subject).init(bench.device, part: Part(subject.driver.name))
        _ = try await ChipIdentification.identify(bench.device) { bench.wait($0) }
        #expect(try bench.gives(27, &sensor))
    }

    @Test("an adapter that speaks SMBus only gives the same, or says that it cannot ask", arguments: subjects)
    func smbusOnly(subject: Subject) async throws {
        let plain = ChipBench(model: subject.model, address: subject.address)
        let right = try await ChipIdentification.identify(plain.device) { plain.wait($0) }
        for functions in [
            SMBusOnlyI2CBus.allCalls, SMBusOnlyI2CBus.allCalls.subtracting([.readBlock, .writeBlock]),
        ] {
            let bench = ChipBench(model: subject.model, address: subject.address)
            let bus = SMBusOnlyI2CBus(bench.bus, functions: functions)
            let device = I2CDevice(bus: bus, address: subject.address)
            do throws(SensorError) {
                #expect(try await ChipIdentification.identify(device) { bench.wait($0) } == right)
            } catch {
                #expect(error.cause?.kind == .unsupported)
            }
        }
    }

    @Test("a bus error at any transaction is told, and leaves the chip as it was", arguments: subjects)
    func faults(subject: Subject) async throws {
        let quiet = ChipBench(model: subject.model, address: subject.address)
        _ = try await ChipIdentification.identify(quiet.device) { quiet.wait($0) }
        for transaction in 0..<quiet.bus.count {
            for kind in [BusError.Kind.timedOut, .arbitrationLost, .protocolViolation] {
                let bench = ChipBench(model: subject.model, address: subject.address)
                let found = settings(of: subject.model, on: bench)
                bench.bus.fault = (transaction, .failure(kind))
                let error = await #expect(throws: SensorError.self) {
                    try await ChipIdentification.identify(bench.device) { bench.wait($0) }
                }
                #expect(error?.cause?.kind == kind)
                #expect(settings(of: subject.model, on: bench) == found)
            }
        }
    }

    private func type(of subject: Subject) throws -> any I2CSensorDriver.Type {
        guard case .i2c(let type) = subject.driver.attachment else {
            throw SensorError(.notFound, "\(subject.driver.name) is no I2C driver")
        }
        return type
    }

    private func settings<Model: AmbientChipModel>(of model: Model.Type, on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(model, at: bench.address) { model, _ in model.settings }
    }
}
