// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
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

        func open(_ bench: ChipBench) throws(SensorError) -> any I2CSensorDriver {
            try type.init(bench.device, part: Part(type.name))
        }
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
        #expect(Self.subjects.allSatisfy { $0.type.ranges[.temperature] != nil })
    }

    @Test("it reads what the chip measures, at each of its addresses", arguments: subjects)
    func reads(subject: Subject) throws {
        let ambient = Ambient(celsius: 21.5, relativeHumidity: 40, pascals: 99_000)
        for address in subject.type.addresses {
            let bench = ChipBench(model: subject.model, address: address, ambient: ambient)
            var sensor = try subject.open(bench)
            let measurements = try bench.read(&sensor)
            #expect(Set(measurements.map(\.quantity)) == Set(subject.type.ranges.keys))
            #expect(measurements.count == subject.type.ranges.count)
            #expect(abs(try #require(measurements.value(of: .temperature)) - 21.5) < 0.3)
            if let humidity = measurements.value(of: .relativeHumidity) { #expect(abs(humidity - 40) < 0.1) }
            if let pressure = measurements.value(of: .pressure) { #expect(abs(pressure - 99_000) < 20) }
            #expect(measurements.allSatisfy { $0.goodValue != nil })
        }
    }

    @Test("an empty address is not found, and worth another try", arguments: subjects)
    func absent(subject: Subject) {
        let bench = ChipBench(model: nil, address: subject.address)
        let error = #expect(throws: SensorError.self) { try subject.open(bench) }
        #expect(error?.kind == .notFound)
        #expect(error?.cause?.kind == .noAcknowledge)
        #expect(error?.isRetryable == true)
        #expect(error?.description.contains("bench") == true)
    }

    @Test(
        "a chip that is another one, or a dead bus, gives no value", arguments: subjects,
        [0x00, 0xFF] as [UInt8])
    func wrongIdentity(subject: Subject, byte: UInt8) {
        let bus = RecordedI2CBus(.frame([UInt8](repeating: byte, count: 256)))
        let error = #expect(throws: SensorError.self) {
            var sensor: any I2CSensorDriver = try subject.type.init(
                I2CDevice(bus: bus, address: subject.address), part: Part(subject.type.name))
            _ = try sensor.startConversion()
            for _ in 0..<100 where try sensor.collect().measurements != nil { return }
        }
        #expect(
            error.map {
                [
                    .wrongIdentity, .busError, .notMeasured, .crcMismatch, .notCalibrated, .badCalibration,
                    .notReady, .powerOnValue, .outOfRange,
                ].contains($0.kind)
            } == true)
    }

    @Test(
        "a bus error at any transaction gives no value, and the next reading is a new one",
        arguments: subjects)
    func faults(subject: Subject) throws {
        let (setUpCount, total) = try counts(of: subject)
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

    @Test("a reading takes as few bus transactions as the part allows", arguments: subjects)
    func transactions(subject: Subject) throws {
        let (setUpCount, total) = try counts(of: subject)
        #expect(total - setUpCount == subject.type.transactionsPerReading)
    }

    /// The transactions until the sensor is open, and until its first reading has ended.
    private func counts(of subject: Subject) throws -> (setUp: Int, total: Int) {
        let bench = ChipBench(model: subject.model, address: subject.address)
        var sensor = try subject.open(bench)
        let setUp = bench.bus.count
        _ = try bench.read(&sensor)
        return (setUp, bench.bus.count)
    }

    /// A set-up either fails with the bus error or does without the transaction; the chip is usable right after.
    private func expectFailedSetUp(of subject: Subject, at transaction: Int, _ kind: BusError.Kind) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, ambient: Ambient(celsius: 10))
        bench.bus.fault = (transaction, .failure(kind))
        do throws(SensorError) {
            var sensor = try subject.open(bench)
            #expect(try bench.gives(10, &sensor), "transaction \(transaction)")
        } catch {
            #expect(error.cause?.kind == kind, "transaction \(transaction)")
        }
        bench.setTemperature(30)
        var sensor = try subject.open(bench)
        #expect(try bench.gives(30, &sensor))
    }

    private func expectFailedReading(of subject: Subject, at transaction: Int, _ kind: BusError.Kind) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, ambient: Ambient(celsius: 10))
        var sensor = try subject.open(bench)
        bench.bus.fault = (transaction, .failure(kind))
        do throws(SensorError) {
            // A chip that does not acknowledge may be busy: a driver may wait for it, and then has to be right.
            #expect(try bench.gives(10, &sensor), "transaction \(transaction)")
            #expect(kind == .noAcknowledge, "transaction \(transaction)")
        } catch {
            #expect(error.cause?.kind == kind, "transaction \(transaction)")
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        bench.wait(.seconds(1))
        bench.setTemperature(30)
        #expect(try bench.gives(30, &sensor))
    }

    @Test(
        "a flipped bit in a result is seen where the chip has checksums, else never out of range",
        arguments: subjects)
    func flippedBits(subject: Subject) throws {
        let (setUpCount, total) = try counts(of: subject)
        let quiet = ChipBench(model: subject.model, address: subject.address)
        var sensor = try subject.open(quiet)
        let right = try quiet.read(&sensor)
        for transaction in setUpCount..<total {
            for bit in 0..<quiet.bus.readCounts[transaction] * 8 {
                let bench = ChipBench(model: subject.model, address: subject.address)
                var sensor = try subject.open(bench)
                bench.bus.fault = (transaction, .flippedBit(bit))
                do throws(SensorError) {
                    let measurements = try bench.read(&sensor)
                    expectInRange(measurements, of: subject)
                    let values = measurements.compactMap(\.goodValue)
                    if subject.type.isChecksummed { #expect(values == right.compactMap(\.goodValue)) }
                } catch {
                    #expect(error.cause == nil)
                }
            }
        }
    }

    @Test("it never gives a value outside of what the part can measure", arguments: subjects)
    func outOfRange(subject: Subject) throws {
        for celsius in stride(from: -300.0, through: 300, by: 12.5) {
            for (humidity, pascals) in [(0.0, 20_000.0), (50, 101_325), (100, 130_000)] {
                let ambient = Ambient(celsius: celsius, relativeHumidity: humidity, pascals: pascals)
                let bench = ChipBench(model: subject.model, address: subject.address, ambient: ambient)
                guard var sensor = try? subject.open(bench), let measurements = try? bench.read(&sensor)
                else {
                    continue
                }
                expectInRange(measurements, of: subject)
            }
        }
    }

    private func expectInRange(_ measurements: [Measurement], of subject: Subject) {
        for measurement in measurements {
            guard let value = measurement.goodValue else { continue }
            #expect(subject.type.ranges[measurement.quantity]?.contains(value) == true)
        }
    }

    @Test("it never gives a value that was not started for, nor the same one twice", arguments: subjects)
    func neverStale(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, ambient: Ambient(celsius: 20))
        var sensor = try subject.open(bench)
        #expect(throws: SensorError.self) { try sensor.collect() }
        for celsius in [20.0, -12.5, 0, 31.25] {
            bench.setTemperature(celsius)
            #expect(try bench.gives(celsius, &sensor))
            let error = #expect(throws: SensorError.self) { try sensor.collect() }
            #expect(error?.kind == .notMeasured)
        }
    }

    @Test(
        "a chip that lost its power meanwhile gives no value of before, and a right one at the latest when reopened",
        arguments: subjects)
    func powerCycle(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address, ambient: Ambient(celsius: 20))
        var sensor = try subject.open(bench)
        #expect(try bench.gives(20, &sensor))
        bench.wires.attach(
            subject.model.init(ambient: Ambient(celsius: 33), poweredAt: bench.wires.now), at: subject.address
        )
        bench.wait(.seconds(5))
        if let right = try? bench.gives(33, &sensor) { #expect(right) }
        var again = try subject.open(bench)
        #expect(try bench.gives(33, &again))
    }

    @Test("the chip is left as it was found", arguments: subjects)
    func leftAsFound(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address)
        let found = settings(of: subject.model, on: bench)
        var sensor = try subject.open(bench)
        _ = try bench.read(&sensor)
        sensor.restore()
        bench.wait(.seconds(1))
        #expect(found != nil)
        #expect(settings(of: subject.model, on: bench) == found)
    }

    @Test("a chip that is gone at the end is no reason to stumble", arguments: subjects)
    func goneAtTheEnd(subject: Subject) throws {
        let bench = ChipBench(model: subject.model, address: subject.address)
        var sensor = try subject.open(bench)
        bench.wires.detach(at: subject.address)
        let error = #expect(throws: SensorError.self) { try bench.read(&sensor) }
        #expect(error?.kind == .notFound)
        sensor.restore()
    }

    @Test("an adapter that speaks SMBus only gives right values, or the error says so", arguments: subjects)
    func smbusOnly(subject: Subject) throws {
        let withoutBlocks = SMBusOnlyI2CBus.allCalls.subtracting([.readBlock, .writeBlock])
        for functions in [SMBusOnlyI2CBus.allCalls, withoutBlocks] {
            let bench = ChipBench(
                model: subject.model, address: subject.address, ambient: Ambient(celsius: 17))
            let bus = SMBusOnlyI2CBus(bench.bus, functions: functions)
            do throws(SensorError) {
                let device = I2CDevice(bus: bus, address: subject.address)
                var sensor: any I2CSensorDriver = try subject.type.init(device, part: Part(subject.type.name))
                #expect(try bench.gives(17, &sensor))
            } catch {
                #expect(error.cause?.kind == .unsupported)
                #expect(error.description.contains("SMBus only"))
            }
        }
    }

    private func settings<Model: AmbientChipModel>(of model: Model.Type, on bench: ChipBench) -> [UInt16]? {
        bench.wires.withModel(model, at: bench.address) { model, _ in model.settings }
    }
}
