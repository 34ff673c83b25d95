// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// What a driver made of a vector, in the words of the vectors.
struct Outcome {
    var status: String
    var reason: String?
    var readings: [String: Double] = [:]
    var quantityErrors: [String: String] = [:]
    var flags: Set<String> = []
    var error: String?
    var isRetryable: Bool?

    init(status: String) { self.status = status }

    init(_ error: SensorError) {
        status = "error"
        self.error = error.kind.rawValue
        isRetryable = error.isRetryable
    }

    init(_ measurements: [Measurement]) {
        status = "ok"
        for measurement in measurements {
            let name = Self.name(of: measurement.quantity)
            switch measurement.value {
            case .success(let value): readings[name] = value
            case .failure(let kind): quantityErrors[name] = kind.rawValue
            }
            flags.formUnion(measurement.flags.map(\.rawValue))
            if case .suspect(let why) = measurement.quality {
                status = "suspect"
                reason = why.rawValue
                isRetryable = why.isRetryable
            }
        }
    }

    private static func name(of quantity: Quantity) -> String {
        switch quantity {
        case .temperature: "temperature_c"
        case .relativeHumidity: "humidity_pct"
        case .pressure: "pressure_pa"
        }
    }

    /// Every way in which this is not what `expected` asks for; empty where the vector passes.
    func mismatches(with expected: Vector.Expectation) -> [String] {
        var found: [String] = []
        if status != expected.status { found.append("status \(status), not \(expected.status)") }
        if expected.status == "error" {
            let accepted = (expected.error.map { [$0] } ?? []) + (expected.alsoAccept ?? [])
            if !accepted.contains(error ?? "") { found.append("error \(error ?? "none"), not \(accepted)") }
            // A different accepted kind brings its own advice.
            if error == expected.error, let retryable = expected.retryable, isRetryable != retryable {
                found.append("retryable is not \(retryable)")
            }
            return found
        }
        if reason != expected.reason { found.append("reason \(reason ?? "none")") }
        if expected.status == "suspect", isRetryable != expected.retryable {
            found.append("retryable differs")
        }
        if flags != Set(expected.flags ?? []) { found.append("flags \(flags.sorted())") }
        return found + readingMismatches(with: expected)
    }

    private func readingMismatches(with expected: Vector.Expectation) -> [String] {
        var found: [String] = []
        let wanted = expected.readings ?? [:]
        for (name, range) in wanted {
            guard let value = readings[name], abs(value - range.value) <= range.tol else {
                let seen = readings[name].map { "\($0)" } ?? "missing"
                found.append("\(name) is \(seen), not \(range.value)")
                continue
            }
        }
        for (name, value) in readings where wanted[name] == nil {
            let optional = expected.optionalReadings?[name]
            let isTolerated = optional.map { abs(value - $0.value) <= $0.tol } ?? false
            if !isTolerated { found.append("\(name) must not be there, but is \(value)") }
        }
        for (name, kind) in expected.quantityErrors ?? [:] where readings[name] == nil {
            if quantityErrors[name] != kind { found.append("\(name) must fail with \(kind)") }
        }
        for name in quantityErrors.keys where expected.quantityErrors?[name] == nil {
            found.append("\(name) must not fail")
        }
        return found
    }
}

/// Feeds vectors of any kind to the drivers of the catalog.
enum VectorRunner {
    /// What `chip`'s driver makes of `vector`; nothing here knows a chip by name.
    static func outcome(of vector: Vector, chip: String) throws -> Outcome {
        if let attribute = vector.input.attribute {
            return try W1VectorReader.outcome(of: vector, attribute: attribute)
        }
        let driver = try #require(DriverCatalog.driver(named: chip))
        guard case .i2c(let type) = driver.attachment else {
            throw UnknownInput(vector: vector.id)
        }
        let bus = RecordedI2CBus(try recording(of: vector))
        let address = try #require(type.addresses.first)
        do throws(SensorError) {
            var sensor = try type.init(I2CDevice(bus: bus, address: address))
            _ = try sensor.startConversion()
            return Outcome(try sensor.collect())
        } catch {
            return Outcome(error)
        }
    }

    struct UnknownInput: Error { var vector: String }

    private static func recording(of vector: Vector) throws -> RecordedI2CBus.Recording {
        if let registers = vector.input.registers {
            return .registers(
                try registers.reduce(into: [:]) { blocks, block in
                    let start = try #require(UInt8(block.key.dropFirst(2), radix: 16))
                    blocks[start] = try bytes(block.value)
                })
        }
        guard let frame = vector.input.frame else { throw UnknownInput(vector: vector.id) }
        return .frame(try bytes(frame))
    }

    /// The bytes of a text in hex.
    static func bytes(_ hex: String) throws -> [UInt8] {
        try stride(from: 0, to: hex.count, by: 2).map { offset in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return try #require(UInt8(hex[start...].prefix(2), radix: 16))
        }
    }
}
