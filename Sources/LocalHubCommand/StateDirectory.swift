// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub

/// What a running hub leaves in its state directory for the other commands.
struct HubNotice: Codable, Equatable {
    /// Host, port and key of the REST API.
    var serviceConnectionString: String
    /// The CA certificate that its server certificate is signed by.
    var caFile: String
    /// Port of MQTT over TLS.
    var mqttPort: Int
    /// Port of the REST API.
    var restPort: Int
    /// Process id of `serve`.
    var processId: Int32
}

/// The directory that holds the hub's CA and, while it runs, a notice of where it is.
struct StateDirectory {
    let url: URL

    init(path: String) {
        url = URL(fileURLWithPath: path, isDirectory: true)
    }

    /// `$XDG_STATE_HOME/local-hub`, or `~/.local/state/local-hub`.
    static var standard: URL {
        let environment = ProcessInfo.processInfo.environment
        if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") {
            return URL(fileURLWithPath: base).appendingPathComponent("local-hub")
        }
        return FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(
            ".local/state/local-hub")
    }

    /// The CA certificate the hub makes at its first start.
    var caFile: URL { url.appendingPathComponent("ca.pem") }

    private var noticeFile: URL { url.appendingPathComponent("running.json") }

    /// What the hub that runs with this directory has left, nil when none does.
    func readNotice() throws -> HubNotice? {
        guard FileManager.default.fileExists(atPath: noticeFile.path) else { return nil }
        return try JSONDecoder().decode(HubNotice.self, from: try Data(contentsOf: noticeFile))
    }

    /// Leaves the notice, readable only by its owner since it holds a key.
    func write(_ notice: HubNotice) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try Self.write(try encoder.encode(notice), to: noticeFile.path)
    }

    /// Claims the directory for this process until it ends, so that two hubs never share keys and notice.
    ///
    /// The kernel drops the lock with the process, also when it is killed.
    func claim() throws {
        let path = url.appendingPathComponent("serve.lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError(
                "Cannot write \(path) (errno \(errno)). Choose a directory of yours with --state-dir.")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
        close(descriptor)
        throw CommandError(
            "Another local-hub already runs with \(url.path). End it first, or choose another directory with "
                + "--state-dir.")
    }

    /// Takes the notice away.
    func removeNotice() {
        // A notice that is gone already is what was wanted.
        try? FileManager.default.removeItem(at: noticeFile)
    }

    /// Puts a complete file in place, so that no reader ever sees half of it.
    static func write(_ data: Data, to path: String) throws {
        let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier)"
        guard
            FileManager.default.createFile(
                atPath: temporary, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary]) }
        guard rename(temporary, path) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
    }
}
