// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ArgumentParser
import ConfigurationFiles
import SensorDrivers
import SensorVectors
import StrictJSON

/// `sensor-agent decode`: recorded results through the drivers, for those who work on drivers.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Run a file of sensor vectors through a driver and compare.",
        discussion: """
            Prints one line of JSON for each vector and then the counts.

            Exit codes: 0 all as expected, 1 a mismatch, 64 wrong arguments or a file that cannot be used.
            """,
        shouldDisplay: false)

    /// Vectors are many and long-winded; more than this is a mistake.
    private static let largestFile = 256 << 20
    /// The end of a comparison that found differences.
    private static let mismatch: Int32 = 1

    @Argument(help: ArgumentHelp("The driver, or the part that it reads.", valueName: "chip"))
    var chip: String

    @Argument(help: ArgumentHelp("The file of vectors.", valueName: "file.json"))
    var file: String

    func run() throws {
        ProcessSetup.prepare()
        var mismatches = 0
        let vectors = try vectors().vectors
        for vector in vectors {
            let outcome: Outcome
            do throws(VectorDecoder.Failure) {
                outcome = try VectorDecoder.outcome(of: vector, chip: chip)
            } catch {
                throw ValidationError("\(file), vector \(vector.id): \(error)")
            }
            let differences = outcome.mismatches(with: vector.expected)
            if !differences.isEmpty { mismatches += 1 }
            StandardOutput.write(Self.line(vector.id, outcome, differences).text)
        }
        StandardOutput.write("\(vectors.count) vectors, \(mismatches) mismatches")
        if mismatches > 0 { throw ExitCode(Self.mismatch) }
    }

    private func vectors() throws -> VectorFile {
        let bytes: [UInt8]
        do throws(FileReadFailure) {
            bytes = try DiskFileReader(largest: Self.largestFile).read(file)
        } catch {
            throw ValidationError("\(file) cannot be read: \(error.reason). Name a file of sensor vectors.")
        }
        let vectors: VectorFile
        do {
            vectors = try VectorFile(try JSONValue(parsing: bytes))
        } catch {
            throw ValidationError("\(file) cannot be used: \(error). Name a file of sensor vectors.")
        }
        // Files about the kernel's attributes name no chip, but their subject.
        guard chip == vectors.chip || DriverCatalog.driver(named: chip) != nil else {
            throw ValidationError("\(VectorDecoder.Failure.unknownChip(chip))")
        }
        return vectors
    }

    /// What came of a vector, as one JSON object.
    static func line(_ id: String, _ outcome: Outcome, _ differences: [String]) -> JSONValue {
        var line: JSONValue = [
            "id": .string(id), "status": .string(outcome.status), "match": .bool(differences.isEmpty),
            "flags": .array(outcome.flags.sorted().map { .string($0) }),
        ]
        if !outcome.readings.isEmpty {
            line["readings"] = .object(outcome.readings.mapValues { .double($0) })
        }
        if !outcome.quantityErrors.isEmpty {
            line["quantity_errors"] = .object(outcome.quantityErrors.mapValues { .string($0) })
        }
        line["error"] = outcome.error.map { .string($0) }
        line["reason"] = outcome.reason.map { .string($0) }
        line["retryable"] = outcome.isRetryable.map { .bool($0) }
        if !differences.isEmpty { line["differences"] = .array(differences.map { .string($0) }) }
        return line
    }
}
