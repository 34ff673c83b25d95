// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// One accepted request to reboot, from its acceptance to its outcome.
package struct RebootRecord: Sendable, Hashable {
    /// Where a reboot stands.
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// It waits for its time.
        case pending
        /// The relays are off and the machine is asked.
        case goingDown = "going-down"
        /// The machine has started again.
        case completed
        /// The machine was not rebooted.
        case failed

        /// Whether nothing follows.
        package var isFinal: Bool { self == .completed || self == .failed }
    }

    /// Who asked.
    package enum Origin: String, Sendable, Hashable, CaseIterable {
        /// The hub.
        case hub
        /// Somebody on this machine.
        case local
    }

    /// Names the request.
    package var id: String
    /// Where it stands.
    package var state: State
    /// Who asked.
    package var origin: Origin
    /// The delay that was asked for.
    package var delay: Duration
    /// The kernel's id of the boot in which it was accepted.
    package var bootID: String
    /// The time since the machine's start when it was accepted.
    package var acceptedUptime: Duration
    /// When it was accepted, as running time of the machine over all boots; see ``RebootJournal/runningTime(at:)``.
    package var acceptedAt: Duration
    /// When it was accepted, where the clock could be believed.
    package var requestedWall: WallTime?
    /// The time since the machine's start when the machine was asked.
    package var askedUptime: Duration?
    /// When the machine was asked, where the clock could be believed.
    package var askedWall: WallTime?
    /// When the outcome was known, where the clock could be believed.
    package var endedWall: WallTime?
    /// From asking the machine to the agent's next start, where both clocks could be believed.
    package var duration: Duration?
    /// Why it failed or what is special about it; empty where there is nothing to say.
    package var reason: String = ""
    /// Whether the hub has confirmed the report of the outcome.
    package var isAcknowledged = false

    /// The time since the machine's start when it is due.
    var due: Duration { acceptedUptime + delay }
}

/// One start of the machine.
package struct BootRecord: Sendable, Hashable {
    /// The kernel's id.
    package var id: String
    /// When it began at the latest, as running time over all boots.
    package var startedAt: Duration
    /// When it was first seen, where the clock could be believed.
    package var wall: WallTime?
}
