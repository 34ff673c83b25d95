// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import ConfigurationFiles

/// The `agent.toml` of the package, in which everything is commented out.
@Suite("Shipped agent.toml") struct ShippedFileTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../packaging/agent.toml").standardized

    /// The settings in it: the table that each stands in, and its line without the comment mark.
    private static func settings() throws -> [(table: String, line: String)] {
        var table = ""
        var found: [(String, String)] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            guard line.hasPrefix("#"), !line.hasPrefix("# ") else { continue }
            let text = String(line.dropFirst())
            if text.hasPrefix("[") {
                table = text
            } else {
                found.append((table, text))
            }
        }
        return found
    }

    private func errors(of text: String) -> [ConfigurationError] {
        do throws(ConfigurationErrors) {
            _ = try load(text)
            return []
        } catch {
            return error.errors
        }
    }

    @Test("As shipped it says nothing, and nothing is wrong with it")
    func empty() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") })
        #expect(errors(of: text).isEmpty)
    }

    @Test("Every key is in it; thermostat2 is said to have those of thermostat1")
    func complete() throws {
        let paths = try Set(
            Self.settings().map { table, line in
                let table = table.dropFirst().prefix { $0 != "]" }
                let key = line.prefix { $0 != " " }
                let parts = table.split(separator: ".")
                let head = parts.first == "sensors" ? "sensors.NAME" : String(table)
                return "\(head).\(key)"
            })
        let keys = ConfigurationKey.all.map(\.pathText).filter {
            !$0.hasPrefix("thermostat2.") || $0 == "thermostat2.sensor"
        }
        #expect(paths.symmetricDifference(keys).isEmpty)
    }

    @Test("Each setting without its mark is a known key with a value that is allowed")
    func values() throws {
        for (table, line) in try Self.settings() {
            let wrong = errors(of: "\(table)\n\(line)\n").filter {
                [.unknownKey, .wrongType, .outOfRange, .syntax].contains($0.kind)
            }
            #expect(wrong.isEmpty, "\(table) \(line): \(wrong)")
        }
    }
}
