// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import SensorDrivers

/// What a driver made of a vector, in the words of the vectors.
package struct Outcome: Sendable, Hashable {
    /// `ok`, `suspect` or `error`.
    package var status: String
    /// Why a value is suspect.
    package var reason: String?
    /// The values by the names of their quantities.
    package var readings: [String: Double] = [:]
    /// Quantities that failed while others did not.
    package var quantityErrors: [String: String] = [:]
    /// What the driver did to a value.
    package var flags: Set<String> = []
    /// The error kind of status `error`.
    package var error: String?
    /// Whether a retry is worthwhile; `nil` for status `ok`.
    package var isRetryable: Bool?

    init(status: String) { self.status = status }

    init(_ error: SensorError) {
        status = "error"
        self.error = error.kind.rawValue
        isRetryable = error.isRetryable
    }

    init(_ measurements: [Measurement]) {
        self.init(measurements.map { (Self.name(of: $0.quantity), $0) })
    }

    /// Takes measurements with names of their own, as channels of one device have them.
    init(_ named: [(name: String, measurement: Measurement)]) {
        status = "ok"
        for (name, measurement) in named {
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

    static func name(of quantity: Quantity) -> String {
        switch quantity {
        case .temperature: "temperature_c"
        case .relativeHumidity: "humidity_pct"
        case .pressure: "pressure_pa"
        }
    }

    /// Every way in which this is not what `expected` asks for; empty where the vector passes.
    package func mismatches(with expected: SensorVector.Expectation) -> [String] {
        var found: [String] = []
        if status != expected.status { found.append("status \(status), not \(expected.status)") }
        if expected.status == "error" {
            let accepted = (expected.error.map { [$0] } ?? []) + expected.alsoAccept
            if !accepted.contains(error ?? "") { found.append("error \(error ?? "none"), not \(accepted)") }
            // A different accepted kind brings its own advice.
            if error == expected.error, let retryable = expected.isRetryable, isRetryable != retryable {
                found.append("retryable is not \(retryable)")
            }
            return found
        }
        if reason != expected.reason { found.append("reason \(reason ?? "none")") }
        if expected.status == "suspect", isRetryable != expected.isRetryable {
            found.append("retryable differs")
        }
        if flags != expected.flags { found.append("flags \(flags.sorted())") }
        return found + readingMismatches(with: expected)
    }

    private func readingMismatches(with expected: SensorVector.Expectation) -> [String] {
        var found: [String] = []
        for (name, range) in expected.readings {
            guard let value = readings[name], abs(value - range.value) <= range.tolerance else {
                let seen = readings[name].map { "\($0)" } ?? "missing"
                found.append("\(name) is \(seen), not \(range.value)")
                continue
            }
        }
        for (name, value) in readings where expected.readings[name] == nil {
            let optional = expected.optionalReadings[name]
            let isTolerated = optional.map { abs(value - $0.value) <= $0.tolerance } ?? false
            if !isTolerated { found.append("\(name) must not be there, but is \(value)") }
        }
        for (name, kind) in expected.quantityErrors where readings[name] == nil {
            if quantityErrors[name] != kind { found.append("\(name) must fail with \(kind)") }
        }
        for name in quantityErrors.keys where expected.quantityErrors[name] == nil {
            found.append("\(name) must not fail")
        }
        return found.sorted()
    }
}
