// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
package import StrictJSON

/// What the device wants its reported section to say, against what the hub is known to hold; pure.
package struct ReportedState: Sendable {
    private var wanted: JSONValue = .object([:])
    private var known: JSONValue?
    /// What the hub holds, also before it is counted on.
    private var held: JSONValue = .object([:])
    private var unwanted = UnwantedMembers()

    /// Wants nothing and knows nothing.
    package init() {}

    /// Adds or replaces a part of what the section should say; a member that is `null` must not be there.
    package mutating func want(_ part: JSONValue) {
        unwanted.take(part)
        wanted = wanted.merged(with: part)
    }

    /// Takes what the hub holds now; only then can be said what it lacks.
    ///
    /// With `isNew` everything wanted is said once, whatever the hub holds.
    package mutating func learn(_ reported: [String: JSONValue], isNew: Bool = false) {
        known = .object(isNew ? [:] : reported)
        held = .object(reported)
    }

    /// The patch that brings the hub up to date; `nil` where it is, or where nothing is known of it.
    package var pending: JSONValue? {
        guard let known else { return nil }
        let removals = unwanted.removals(from: held)
        guard let difference = wanted.difference(from: known) else { return removals }
        return removals.map { $0.joined(with: difference) } ?? difference
    }

    /// Counts a patch as held by the hub.
    ///
    /// For one that the hub refused for good, too: the same content is not repeated.
    package mutating func settle(_ patch: JSONValue) {
        known = known?.merged(with: patch)
        held = held.merged(with: patch)
    }

    /// What the section should say at a path; `nil` where nothing.
    func value(_ path: String...) -> JSONValue? {
        path.reduce(wanted as JSONValue?) { place, name in place?[name] }
    }
}
