// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What `reboot` does.
package enum RebootMode: String, Sendable, Hashable, CaseIterable {
    /// Answers 403.
    case off
    /// Answers 202 and only says what it would do.
    case dryRun = "dry-run"
    /// Reboots the machine.
    case armed
}

/// How often and how soon the machine may be rebooted on request.
package struct RebootLimits: Sendable, Hashable {
    /// The shortest time since the machine's start.
    package var minimumUptime: Duration
    /// The most reboots within an hour.
    package var perHour: Int
    /// The most reboots within 24 hours.
    package var perDay: Int

    /// The same request within this time is the same reboot.
    static let repeatWindow = Duration.seconds(60)
    /// An answer that the hub does not confirm delays the reboot no longer.
    static let confirmationLimit = Duration.seconds(2)
    /// A machine that is going down says so within this time.
    static let signalLimit = Duration.seconds(60)
    /// A machine that said so is down within this time.
    static let shutdownLimit = Duration.seconds(600)
    /// After the record of earlier reboots was lost, none is made for so long.
    static let lossLimit = Duration.seconds(3_600)
    /// A write that failed is tried again after so long.
    static let retryTime = Duration.seconds(60)
    /// This many boots within ``loopWindow`` are a loop.
    static let loopBoots = 5
    /// See ``loopBoots``.
    static let loopWindow = Duration.seconds(1_800)
    /// A boot that lasts so long in safe mode ends it.
    package static let quietTime = Duration.seconds(3_600)
    /// The longest delay of a request.
    package static let longestDelay = Duration.seconds(3_600)

    /// Makes limits from their parts.
    package init(minimumUptime: Duration = .seconds(300), perHour: Int = 2, perDay: Int = 3) {
        self.minimumUptime = minimumUptime
        self.perHour = perHour
        self.perDay = perDay
    }
}
