// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// What every driver of the catalog that reads a kernel driver's values has to do.
@Suite("Sysfs sensor conformance")
struct SysfsSensorConformanceTests {
    struct Subject: CustomTestStringConvertible, Sendable {
        let type: any SysfsSensorDriver.Type
        var testDescription: String { type.name }

        /// The attribute with the temperature in thousandths of a °C.
        var temperature: String {
            switch type.subsystem {
            case .hwmon: "temp1_input"
            case .iio: "in_temp_input"
            case .thermal: "temp"
            }
        }

        func device(_ text: String) -> InMemorySysfsDevice {
            InMemorySysfsDevice([temperature: .success(Array(text.utf8))], location: "here")
        }
    }

    static let subjects: [Subject] = DriverCatalog.all.compactMap { driver in
        if case .sysfs(let type) = driver.attachment { Subject(type: type) } else { nil }
    }

    private func value(_ sensor: inout any SysfsSensorDriver) throws -> Double? {
        _ = try sensor.startConversion()
        return try sensor.collect().measurements?.first?.goodValue
    }

    @Test("each subsystem has its driver, and addresses only what the subsystem can have")
    func catalog() {
        #expect(Self.subjects.map { $0.type.subsystem } == KernelSubsystem.allCases)
        let chip = I2CChipAddress(bus: .adapter("a"), address: 0x48)
        for subsystem in KernelSubsystem.allCases { #expect(subsystem.address(name: nil, chip: nil) == nil) }
        #expect(KernelSubsystem.hwmon.address(name: nil, chip: chip) == .hwmon(name: nil, chip: chip))
        #expect(KernelSubsystem.iio.address(name: "x", chip: nil) == .iio(name: "x", chip: nil))
        #expect(KernelSubsystem.thermal.address(name: "x", chip: nil) == .thermalZone(type: "x"))
        #expect(KernelSubsystem.thermal.address(name: "x", chip: chip) == nil)
    }

    @Test("nothing is given that was not asked for, nor the same thing twice", arguments: subjects)
    func neverStale(subject: Subject) throws {
        let device = subject.device("21500\n")
        var sensor: any SysfsSensorDriver = try subject.type.init(device, channel: nil)
        #expect(device.reads == [])
        let early = #expect(throws: SensorError.self) { try sensor.collect() }
        #expect(early?.kind == .notMeasured)
        #expect(try value(&sensor) == 21.5)
        #expect(throws: SensorError.self) { try sensor.collect() }
        device.files[subject.temperature] = .success(Array("-5250\n".utf8))
        #expect(try value(&sensor) == -5.25)
        _ = try sensor.startConversion()
        sensor.restore()
        #expect(throws: SensorError.self) { try sensor.collect() }
    }

    @Test("every error number is thrown, and the next reading is a new one", arguments: subjects)
    func errorNumbers(subject: Subject) throws {
        for number in Int32(1)...133 {
            let device = subject.device("21500\n")
            var sensor: any SysfsSensorDriver = try subject.type.init(device, channel: nil)
            device.files[subject.temperature] = InMemorySysfsDevice.failure(linuxErrno: number)
            do {
                let value = try value(&sensor)
                Issue.record("\(value ?? .nan) despite errno \(number)")
            } catch let error as SensorError {
                #expect(error.cause?.errno == number)
                #expect(error.kind != .busError)
            }
            device.files[subject.temperature] = .success(Array("22000\n".utf8))
            #expect(try value(&sensor) == 22)
        }
    }

    @Test("a channel that does not exist is not found", arguments: subjects)
    func noSuchChannel(subject: Subject) {
        let error = #expect(throws: SensorError.self) {
            try subject.type.init(subject.device("1\n"), channel: "temp99")
        }
        #expect(error?.kind == .notFound)
    }

    @Test("random text never crashes and never gives a value out of range", arguments: subjects)
    func fuzz(subject: Subject) throws {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("0123456789.-+eE \n\0\u{7F}".utf8)
        for _ in 0..<4_000 {
            let count = Int.random(in: 0...24, using: &generator)
            var text = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            if Bool.random(using: &generator) { text = text.filter { 0x30...0x39 ~= $0 } + [0x0A] }
            let device = subject.device("")
            device.files[subject.temperature] = .success(text)
            var sensor: any SysfsSensorDriver = try subject.type.init(device, channel: nil)
            guard let value = try? value(&sensor) else { continue }
            if !(-150.0...250).contains(value) { Issue.record("\(value) from \(text)") }
        }
    }
}
