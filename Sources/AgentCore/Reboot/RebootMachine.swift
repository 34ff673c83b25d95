// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import RebootGuard

/// What a reboot needs of the machine: a file that outlives it, and somebody who does it.
package protocol RebootMachine: Sendable {
    /// What an earlier run has left; says itself what was wrong with it.
    func load() async -> RebootJournal
    /// Writes the journal so that it outlives a loss of power; returns what went wrong, `nil` where nothing did.
    func save(_ journal: RebootJournal) async -> String?
    /// Who keeps the machine from shutting down, a clause for people; `nil` where nobody does.
    func inhibitor() async -> String?
    /// Asks for the reboot and tells what comes of it.
    func reboot() -> AsyncStream<PowerNews>
}

/// What comes of asking the machine for a reboot.
package enum PowerNews: Sendable, Hashable {
    /// It does not come, for a reason that is a clause for people.
    case refused(String)
    /// The machine goes down.
    case goingDown
}
