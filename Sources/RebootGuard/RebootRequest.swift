// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A request to reboot the machine.
package struct RebootRequest: Sendable, Hashable {
    /// Names the request; a new one for each.
    package var id: String
    /// Who asks.
    package var origin: RebootRecord.Origin
    /// How long to wait, 0…3600 s.
    package var delay: Duration
    /// Whether all conditions but a running request are overridden; has no effect for the hub.
    package var isForced: Bool

    /// Makes a request.
    package init(id: String, origin: RebootRecord.Origin, delay: Duration, isForced: Bool = false) {
        self.id = id
        self.origin = origin
        self.delay = delay
        self.isForced = isForced
    }
}

/// What the machine and the agent are doing when a reboot is asked for.
package struct RebootConditions: Sendable, Hashable {
    /// Whether everything that must outlive the reboot is on the disk.
    package var isStored: Bool
    /// Who keeps the machine from shutting down, a clause for people; `nil` where nobody does.
    package var inhibitor: String?
    /// What a thermostat must not be disturbed in, a clause for people, and how long that lasts.
    package var criticalPhase: CriticalPhase?

    /// What a thermostat must not be disturbed in.
    package struct CriticalPhase: Sendable, Hashable {
        /// A clause for people.
        package var text: String
        /// How long it lasts, where that is known.
        package var remaining: Duration?

        /// Describes a phase.
        package init(_ text: String, remaining: Duration? = nil) {
            self.text = text
            self.remaining = remaining
        }
    }

    /// Describes conditions; without arguments nothing is in the way.
    package init(isStored: Bool = true, inhibitor: String? = nil, criticalPhase: CriticalPhase? = nil) {
        self.isStored = isStored
        self.inhibitor = inhibitor
        self.criticalPhase = criticalPhase
    }
}

/// The answer to a request.
package enum RebootAnswer: Sendable, Hashable {
    /// 202: the reboot of that id comes; it may have been accepted before.
    case accepted(id: String)
    /// 202, but only said.
    case dryRun
    /// It does not come.
    case refused(RebootRefusal)
}

/// Why a request was refused.
package struct RebootRefusal: Sendable, Hashable {
    /// HTTP-like: 400, 403 or 409.
    package var status: Int
    /// A sentence for people.
    package var reason: String
    /// When it may be tried again; `nil` where nobody knows.
    package var wait: Duration?

    /// Makes a refusal; a time to wait is at least a second.
    package init(_ status: Int, _ reason: String, wait: Duration? = nil) {
        self.status = status
        self.reason = reason
        self.wait = wait.map { max($0, .seconds(1)) }
    }
}
