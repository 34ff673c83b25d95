// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
package import StrictJSON

/// What the device wants its reported section to say, against what the hub is known to hold; pure.
package struct ReportedState: Sendable {
    private var wanted: JSONValue = .object([:])
    private var known: JSONValue?

    /// Wants nothing and knows nothing.
    package init() {}

    /// Adds or replaces a part of what the section should say.
    package mutating func want(_ part: JSONValue) {
        wanted = wanted.merged(with: part)
    }

    /// Takes what the hub holds now; only then can be said what it lacks.
    package mutating func learn(_ reported: [String: JSONValue]) {
        known = .object(reported)
    }

    /// The patch that brings the hub up to date; `nil` where it is, or where nothing is known of it.
    package var pending: JSONValue? {
        known.flatMap { wanted.difference(from: $0) }
    }

    /// Counts a patch as held by the hub.
    ///
    /// For one that the hub refused for good, too: the same content is not repeated.
    package mutating func settle(_ patch: JSONValue) {
        known = known?.merged(with: patch)
    }
}
