// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc

/// What is told to the service manager.
///
/// Manual page sd_notify(3).
package enum ServiceState: Sendable, Hashable {
    case ready
    case stopping
    case watchdog
    /// One line for `systemctl status`.
    case status(String)

    /// The assignment on the wire; a status stays on its line.
    var assignment: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        case .status(let text):
            "STATUS=" + String(text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) })
        }
    }
}

/// The service manager's notification socket.
package struct ServiceManager: Sendable {
    private let socket: String?
    /// How often the watchdog must be fed: half the manager's limit; `nil` without a watchdog.
    package let watchdogInterval: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from an environment.
    package init(environment: [String: String]) {
        socket = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
        watchdogInterval = isForUs && limit > 0 ? .microseconds(limit / 2) : nil
    }

    /// Reads the same from this process's environment.
    package init() {
        let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]
        let pairs = names.compactMap { name in getenv(name).map { (name, String(cString: $0)) } }
        self.init(environment: Dictionary(uniqueKeysWithValues: pairs))
    }

    /// Whether there is a manager to tell.
    package var isThere: Bool { socket != nil }

    /// Tells the manager; does nothing, successfully, where there is none.
    ///
    /// Never waits: a manager that does not read costs this message, not the caller's time.
    package func notify(_ states: ServiceState...) throws(HostError) {
        guard let socket else { return }
        guard socket.hasPrefix("/") || socket.hasPrefix("@") else {
            throw HostError(
                "sd_notify", location: socket, errno: EAFNOSUPPORT,
                advice: "NOTIFY_SOCKET must be a path or begin with @.")
        }
        let text = states.map(\.assignment).joined(separator: "\n")
        guard clinuxhost_send_datagram(socket, text, UInt32(text.utf8.count)) == 0 else {
            throw HostError("sd_notify", location: socket, errno: errno)
        }
    }
}
