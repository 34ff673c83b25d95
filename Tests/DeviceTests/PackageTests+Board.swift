// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import LocalHub
import Testing

extension PackageTests {
    /// `scripts/hil`, which is for real boards, passes here too, and gives the service back as it was.
    func passesBoardChecks(_ package: InstalledPackage) async throws {
        let share = URL(filePath: package.machine.share)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scripts/hil").standardized
        try FileManager.default.copyItem(at: script, to: share.appending(path: "hil"))
        let folder = EmulatedMachine.guestShare
        // The cellar stays as cold as it is, whatever the relay does.
        let words = [
            "--relay", "viperboard gpio a:5", "--input", "viperboard gpio a:7", "--sensor", "ds18b20",
        ]
        let program = try await package.machine.run(
            "/usr/bin/python3", ["\(folder)/hil", "local", "--report", "\(folder)/hil.json"] + words)
        let result = try await program.result(within: .seconds(400))
        let journal = try await package.journal().suffix(30).joined(separator: "\n")
        #expect(result.status == 0, "\(result.errors.joined(separator: "\n"))\n\(journal)")
        let report = try JSON(
            parsing: String(contentsOf: share.appending(path: "hil.json"), encoding: .utf8))
        let checks = try #require(report["checks"]?.array)
        #expect(report["passed"] == true && checks.count == 10 && checks.allSatisfy { $0["passed"] == true })
        let kill = checks.first { $0["name"] == "kill" }
        print("kill -9 to relay off: \(kill?["relayOffSeconds"]?.double ?? .nan) s, as scripts/hil sees it")

        try await package.becomes("ActiveState") { $0 == "active" }
        #expect(try await package.property("DropInPaths").contains("hil") == false)
        #expect(
            try await package.machine.shell("ls -d /run/*-hil /var/lib/*-hil 2>/dev/null || true").isEmpty)
    }
}
