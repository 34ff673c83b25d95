// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension HubSession {
    /// Takes up that the clock was set by more than a token's margin, or has become right.
    ///
    /// The expiry of the token in use was computed by another clock: too early it ends the connection, too late it lives
    /// longer than asked for. So it is renewed. What waits after a failure is tried at once, for a wrong clock was
    /// perhaps its reason.
    mutating func clockWasSet(at now: Now) {
        guard now.trustedWall != nil else { return }
        switch phase {
        case .syncing where renewAt != nil, .online where renewAt != nil: beginRenewal(at: now)
        case .waiting: beginAttempt(at: now)
        default: break
        }
    }
}

extension HubClient {
    /// Tells that the civil time was set far, or has become right; a token that no longer fits is exchanged.
    package func clockWasSet() { process(.clockWasSet) }
}
