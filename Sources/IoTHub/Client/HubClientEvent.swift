// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the client tells the application by itself, in order.
package enum HubClientEvent: Sendable, Hashable {
    /// The connection changed; the reason is one sentence for people.
    case state(ConnectionState, reason: String)
    /// The full twin, read on every connect and whenever a patch was missed; patches that follow are newer.
    case twin(TwinDocument)
    /// One change of the desired section, each version once and without gaps since the latest twin.
    case desired(DesiredPatch)
    /// A method call that waits for ``HubClient/respond(to:status:body:)``.
    case command(CommandRequest)
    /// A cloud-to-device message; only with `receivesCloudMessages`.
    case cloudMessage(CloudMessage)
}

/// A call to the hub that did not succeed.
package struct HubError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened.
    package enum Code: Sendable, Hashable {
        /// There is no connection at the moment.
        case offline
        /// The connection ended before the hub confirmed; it may or may not have the message.
        case connectionLost
        /// The hub answered with this status and will not accept the same content later.
        case rejected(status: Int)
        /// The content cannot be sent: too large, not finite, or a name that the protocol forbids.
        case invalidMessage
        /// The client was stopped.
        case stopped
        /// The calling task was cancelled.
        case cancelled
    }

    /// What happened.
    package var code: Code
    /// For people: what happened and what to do next.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same call may succeed later without anybody changing anything.
    ///
    /// After `.connectionLost` and `.cancelled` the hub may have the message already.
    package var isRetryable: Bool {
        switch code {
        case .offline, .connectionLost, .cancelled: true
        case .rejected, .invalidMessage, .stopped: false
        }
    }

    /// Whether the content is at fault, so that it will not be accepted later or by another client either.
    package var isContentAtFault: Bool {
        switch code {
        case .rejected, .invalidMessage: true
        case .offline, .connectionLost, .stopped, .cancelled: false
        }
    }

    /// The text that people read.
    package var description: String { message }
}
