// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What is told to the service manager (systemd).
package enum ServiceState: Sendable, Hashable {
    case ready
    case stopping
    case watchdog
    /// One line for `systemctl status`.
    case status(String)
}

/// The service manager's notification socket.
package struct ServiceManager: Sendable {
    /// Reads `NOTIFY_SOCKET` and `WATCHDOG_USEC` from an environment.
    package init(environment: [String: String]) {}

    /// Reads `NOTIFY_SOCKET` and `WATCHDOG_USEC` from this process's environment.
    package init() {}

    /// How often the watchdog must be fed: half the manager's limit; `nil` without a watchdog.
    package var watchdogInterval: Duration? { nil }

    /// Tells the manager; does nothing, successfully, where there is none.
    package func notify(_ states: ServiceState...) throws(HostError) {}
}
