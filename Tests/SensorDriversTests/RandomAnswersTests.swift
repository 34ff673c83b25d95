// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

@Suite("Random answers")
struct RandomAnswersTests {
    @Test(
        "no answer and no error of the bus makes a driver crash, wait for ever or give a value out of range",
        arguments: SensorConformanceTests.subjects)
    func anything(subject: SensorConformanceTests.Subject) {
        var generator = SeededGenerator(seed: 11)
        var ended = 0
        for _ in 0..<800 {
            let bus = RandomI2CBus(seed: generator.next())
            var part = Part(subject.type.name)
            part.isTakenAsGiven = Bool.random(using: &generator)
            part.oversampling = Int.random(in: -1...4, using: &generator)
            part.resolutionBits = Int.random(in: 8...13, using: &generator)
            let device = I2CDevice(bus: bus, address: subject.address)
            guard var sensor: any I2CSensorDriver = try? subject.type.init(device, part: part) else {
                continue
            }
            for _ in 0..<2 where read(&sensor, of: subject) { ended += 1 }
            sensor.restore()
            #expect(bus.count < 500)
        }
        // Else nothing was tried.
        #expect(ended > 10)
    }

    /// Whether the reading ended with measurements.
    private func read(
        _ sensor: inout any I2CSensorDriver, of subject: SensorConformanceTests.Subject
    ) -> Bool {
        do throws(SensorError) {
            _ = try sensor.startConversion()
            for _ in 0..<40 {
                guard let measurements = try sensor.collect().measurements else { continue }
                for case let (quantity, value?) in measurements.map({ ($0.quantity, $0.goodValue) }) {
                    #expect(subject.type.ranges[quantity]?.contains(value) == true)
                }
                return true
            }
            Issue.record("it waits for ever")
        } catch {
            // What was not given once is not given later either.
            #expect(throws: SensorError.self) { try sensor.collect() }
        }
        return false
    }
}

/// A bus where every answer is chance: bytes, too few or too many of them, and errors.
private final class RandomI2CBus: I2CBus {
    let location = "random bus"
    private(set) var count = 0
    private var generator: SeededGenerator
    private let isFailing: Bool
    private static let kinds: [BusError.Kind] = [
        .noAcknowledge, .arbitrationLost, .timedOut, .busy, .unsupported, .protocolViolation, .notFound,
        .permission, .shortTransfer, .inputOutput,
    ]

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        isFailing = Bool.random(using: &generator)
    }

    func answers(at address: UInt8, to probe: PresenceProbe) -> Bool { true }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        count += 1
        if isFailing, Int.random(in: 0..<8, using: &generator) == 0 {
            let kind = Self.kinds.randomElement(using: &generator) ?? .inputOutput
            throw BusError(kind, operation: "transfer", location: location)
        }
        let isWrongLength = readCount > 0 && Int.random(in: 0..<30, using: &generator) == 0
        let length = isWrongLength ? Int.random(in: 0...readCount + 2, using: &generator) : readCount
        var bytes = (0..<length).map { _ in
            Bool.random(using: &generator)
                ? UInt8.random(in: 0...255, using: &generator)
                : [0x00, 0xFF, 0x80, 0x7F, 0x01].randomElement(using: &generator) ?? 0
        }
        if Bool.random(using: &generator) { addChecksums(to: &bytes) }
        return bytes
    }

    /// Most words of the chips with checksums would be refused before anything is computed from them.
    private func addChecksums(to bytes: inout [UInt8]) {
        if bytes.count == 7 {
            bytes[6] = CRC8.sensirion(bytes[..<6])
            return
        }
        for end in stride(from: 2, to: bytes.count, by: 3) {
            let word = bytes[end - 2..<end]
            bytes[end] = bytes.count == 3 ? CRC8.si(word) : CRC8.sensirion(word)
        }
    }
}
