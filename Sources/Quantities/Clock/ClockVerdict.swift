// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Whether the civil time can be believed, and why.
public enum ClockVerdict: Sendable, Hashable {
    /// Somebody vouches for the clock.
    case sure(Basis)
    /// It is plausible, but nobody vouches for it: dates may be wrong.
    case estimated
    /// It is wrong, or may be set any moment.
    case doubtful(Doubt)

    /// Who vouches for a clock.
    public enum Basis: Sendable, Hashable {
        /// A time service.
        case timeService
        /// A clock with a battery, from which the kernel took the time.
        case hardwareClock
    }

    /// What is wrong with a clock.
    public enum Doubt: Sendable, Hashable {
        /// The kernel does not tell the time.
        case unreadable
        /// It shows a time before the program was built.
        case beforeBuild(WallTime)
        /// It shows a time before one that it has shown when it was right.
        case beforeLastKnown(WallTime, lastKnown: WallTime)
        /// It is plausible, but may be a time saved before the machine was switched off; a time service may set it soon.
        case awaitingTimeService(WallTime)
    }

    /// Whether tokens, certificates and dates may go by it.
    public var isTrusted: Bool {
        if case .doubtful = self { false } else { true }
    }

    /// Whether it is trusted although nobody vouches for it.
    public var isEstimated: Bool { self == .estimated }
}

extension ClockVerdict {
    /// The verdict in sentences for people, with what to do where something is wrong.
    public var sentence: String {
        switch self {
        case .sure(.timeService): "The clock is set by a time service."
        case .sure(.hardwareClock): "The clock agrees with the machine's clock chip."
        case .estimated:
            "No time service has set the clock, so dates may be wrong. \(Self.enable)"
        case .doubtful(let doubt): doubt.sentence
        }
    }

    fileprivate static let enable =
        "Enable one (timedatectl set-ntp true, or install chrony) and see that it reaches its server."
}

extension ClockVerdict.Doubt {
    fileprivate var sentence: String {
        switch self {
        case .unreadable: "The system's clock cannot be read; check the kernel's log."
        case .beforeBuild(let wall):
            "The clock says \(wall.rfc3339), which is before this program was built. \(ClockVerdict.enable)"
        case .beforeLastKnown(let wall, let lastKnown):
            "The clock says \(wall.rfc3339), but it was \(lastKnown.rfc3339) already. \(ClockVerdict.enable) If the "
                + "later time was wrong, delete the file `clock` in the state directory and restart."
        case .awaitingTimeService(let wall):
            "The clock says \(wall.rfc3339), and no time service has confirmed that yet. \(ClockVerdict.enable)"
        }
    }
}
