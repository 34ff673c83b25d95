// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// `[reboot]`: what the command `reboot` does.
package struct RebootConfiguration: Sendable, Hashable {
    /// Whom the agent asks for a reboot, if anybody.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Answer 202 and log it; nothing restarts.
        case dryRun = "dry-run"
        /// Answer 403.
        case off
        /// Ask systemd-logind over D-Bus.
        case logind
        /// Run ``RebootConfiguration/command``.
        case command
    }

    /// What of a relay a reboot respects.
    package enum Respect: String, Sendable, Hashable, CaseIterable {
        /// Nothing.
        case nothing
        /// Its minimum on time.
        case minimumOn = "minimum-on"
        /// That it is on.
        case relayOn = "relay-on"
    }

    /// `reboot.mode`; `nil` where unset: the caller's default depends on whether the hardware is simulated.
    package var mode: Mode?
    /// `reboot.command`: the program by its absolute path, and its arguments; not empty in the mode `command`.
    package var command: [String]
    /// `reboot.minimum-uptime`: 0 s…1 h, default 5 min.
    package var minimumUptime: Duration
    /// `reboot.per-hour`: 1…12, default 2.
    package var perHour: Int
    /// `reboot.per-day`: 1…24, default 3.
    package var perDay: Int
    /// `reboot.respects`: default its minimum on time.
    package var respects: Respect

    /// Makes the section from its values.
    package init(
        mode: Mode? = nil, command: [String] = [], minimumUptime: Duration = .seconds(300), perHour: Int = 2,
        perDay: Int = 3, respects: Respect = .minimumOn
    ) {
        self.mode = mode
        self.command = command
        self.minimumUptime = minimumUptime
        self.perHour = perHour
        self.perDay = perDay
        self.respects = respects
    }
}
