// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The connection as the application sees it.
package enum ConnectionState: String, Sendable, Hashable, CaseIterable {
    /// `run()` was not called yet.
    case idle
    /// Being assigned to a hub.
    case provisioning
    /// Dialling the hub.
    case connecting
    /// Connected to the hub, which has not granted the subscriptions yet.
    case subscribing
    /// Messages can be sent; the twin of this connection is not known yet.
    case syncing
    /// Messages can be sent; the twin follows as its own event.
    case online
    /// The token is being replaced; calls wait.
    case renewing
    /// No connection; the next attempt comes by itself.
    case offline
    /// Ended for good by `stop()`.
    case stopped

    /// Whether messages can be sent: a hub that is slow or silent about the twin still takes telemetry.
    package var carriesMessages: Bool { self == .syncing || self == .online }
}

/// The connection at one moment.
package struct HubStatus: Sendable, Hashable {
    /// The state.
    package var state: ConnectionState
    /// Why it is in that state, one sentence for people.
    package var reason: String
    /// The hub's host name as assigned or configured, once known.
    package var hub: String?
    /// The device id, once known.
    package var deviceID: String?
    /// Failures in a row since a connection was last stable.
    package var failures: Int
    /// The time until the next attempt to connect, where one is waited for.
    package var nextAttempt: Duration?
    /// Connections to the hub since the start, those that renewed a token among them.
    package var sessions: Int

    /// Makes a status.
    package init(
        state: ConnectionState, reason: String, hub: String?, deviceID: String?, failures: Int = 0,
        nextAttempt: Duration? = nil, sessions: Int = 0
    ) {
        self.state = state
        self.reason = reason
        self.hub = hub
        self.deviceID = deviceID
        self.failures = failures
        self.nextAttempt = nextAttempt
        self.sessions = sessions
    }
}
