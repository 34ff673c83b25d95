// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import Testing

/// What `sensor-agent read --json` prints, as a script would take it apart.
struct SensorReports: Decodable {
    /// One sensor.
    struct Sensor: Decodable {
        struct Measurement: Decodable {
            var quantity: String
            var value: Double?
            var error: String?
            var quality: String?
        }

        struct Failure: Decodable {
            var kind: String
            var message: String
        }

        var name: String
        var driver: String
        var place: String?
        var source: String
        var measurements: [Measurement]
        var failure: Failure?

        /// The value of a quantity that may be passed on.
        func value(_ quantity: String) -> Double? {
            measurements.first { $0.quantity == quantity && $0.quality == "good" }?.value
        }
    }

    var sensors: [Sensor]

    /// Takes a line of output; `nil` for any other.
    init?(line: String) {
        guard let reports = try? JSONDecoder().decode(Self.self, from: Data(line.utf8)) else { return nil }
        self = reports
    }

    /// The sensor with this name; fails the test where there is none.
    func sensor(_ name: String) throws -> Sensor {
        try #require(sensors.first { $0.name == name }, "there is no sensor \(name)")
    }
}

extension GuestProgram {
    /// Waits for the end of a `read --json` and takes what it printed apart; `status` is the one that it must end with.
    func reports(
        status: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> SensorReports {
        let result = try await result()
        let texts = (result.output + result.errors).joined(separator: "\n")
        #expect(result.status == status, "\(texts)", sourceLocation: sourceLocation)
        return try #require(
            result.output.lazy.compactMap(SensorReports.init).first, "\(texts)",
            sourceLocation: sourceLocation)
    }

    /// Waits for a line of a `read --json --watch`, from `index` on, in which a sensor is as asked; returns the next index.
    func nextReport(
        of name: String, from index: Int = 0, _ isWanted: @escaping @Sendable (SensorReports.Sensor) -> Bool
    ) async throws -> Int {
        let line = try await firstLine(from: index) { line in
            SensorReports(line: line.text)?.sensors.contains { $0.name == name && isWanted($0) } == true
                ? true : nil
        }
        return line.index + 1
    }
}
