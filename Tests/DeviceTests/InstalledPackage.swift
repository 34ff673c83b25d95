// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import LocalHub
import Testing

/// The package that `make deb` built, in a Debian with systemd.
struct InstalledPackage {
    /// The package: `SENSOR_AGENT_PACKAGE`, else the newest in `.build/deb`; `nil` where none was built.
    static var file: String? {
        if let path = ProcessInfo.processInfo.environment["SENSOR_AGENT_PACKAGE"] { return path }
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.build/deb")
            .standardized
        let key = URLResourceKey.contentModificationDateKey
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [key])
        func date(_ file: URL) -> Date {
            (try? file.resourceValues(forKeys: [key]).contentModificationDate) ?? .distantPast
        }
        return files?.filter { $0.pathExtension == "deb" }.max { date($0) < date($1) }?
            .path(percentEncoded: false)
    }

    /// Why the package cannot be tried here; `nil` where it can.
    static var obstacle: String? {
        if let obstacle = EmulatedMachine.obstacle { return obstacle }
        do {
            _ = try DebianImage.find()
        } catch {
            return "\(error)"
        }
        return file == nil ? "there is no package: make deb" : nil
    }

    private static let unit = "sensor-agent.service"
    let machine: EmulatedMachine

    /// Copies the package to the guest and has apt install it, as a person would.
    func install() async throws {
        let file = try #require(Self.file)
        try FileManager.default.copyItem(atPath: file, toPath: "\(machine.share)/sensor-agent.deb")
        try await apt("install --no-install-recommends \(EmulatedMachine.guestShare)/sensor-agent.deb")
    }

    /// Installs the same package with another version.
    func upgrade(to version: String) async throws {
        try await machine.shell(
            """
            cd /tmp
            dpkg-deb -R "$1/sensor-agent.deb" next
            sed -i "s/^Version: .*/Version: $2/" next/DEBIAN/control
            dpkg-deb --root-owner-group -Znone -b next next.deb >/dev/null
            """, [EmulatedMachine.guestShare, version], within: .seconds(240))
        try await apt("install --no-install-recommends /tmp/next.deb")
    }

    /// Runs apt-get with these words.
    func apt(_ words: String) async throws {
        try await machine.shell(
            "DEBIAN_FRONTEND=noninteractive apt-get -q -y \(words) 2>&1", within: .seconds(240))
    }

    /// Writes `agent.toml` and what the device needs to reach a hub; its key only root can read.
    func configure(_ text: String, deviceID: String, hub: LocalHubServer) async throws {
        let share = URL(filePath: machine.share)
        try await hub.connectionString(ofNew: deviceID)
            .write(to: share.appending(path: "connection"), atomically: true, encoding: .utf8)
        try text.write(to: share.appending(path: "agent.toml"), atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(at: hub.caFile, to: share.appending(path: "ca.pem"))
        try await machine.shell(
            """
            cd /etc/sensor-agent
            cat "$1/agent.toml" >agent.toml
            install -m 644 "$1/ca.pem" ca.pem
            install -m 600 "$1/connection" connection
            mkdir -p /etc/systemd/system/\(Self.unit).d
            printf '[Service]\\nLoadCredential=connection:/etc/sensor-agent/connection\\n' \\
                >/etc/systemd/system/\(Self.unit).d/key.conf
            systemctl daemon-reload
            """, [EmulatedMachine.guestShare])
    }

    /// Runs systemctl with these words; returns its exit status and what it printed.
    @discardableResult
    func systemctl(_ words: String...) async throws -> GuestProgram.Result {
        try await machine.run("/usr/bin/systemctl", words).result(within: .seconds(180))
    }

    /// A property of the service.
    func property(_ name: String) async throws -> String {
        try await systemctl("show", "--value", "-p", name, Self.unit).output.joined(separator: "\n")
    }

    /// Waits until a property of the service is as `isRight` wants it; fails the test where it does not become so.
    func becomes(
        _ name: String, within limit: Duration = .seconds(120),
        sourceLocation: SourceLocation = #_sourceLocation, _ isRight: (String) -> Bool
    ) async throws {
        let end = ContinuousClock.now.advanced(by: limit)
        var value = ""
        while ContinuousClock.now < end {
            value = try await property(name)
            if isRight(value) { return }
        }
        Issue.record("\(name) is still \(value)", sourceLocation: sourceLocation)
        throw EmulatedMachineError.guest("waiting for \(name)", value)
    }

    /// The lines of the service's journal.
    func journal() async throws -> [String] {
        try await machine.shell("journalctl -u \(Self.unit) -o cat --no-pager")
    }

    /// Runs `sensor-agent` as root.
    func agent(_ words: String...) async throws -> GuestProgram.Result {
        try await machine.run("/usr/bin/sensor-agent", words).result()
    }
}
