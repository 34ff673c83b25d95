// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StrictJSON

/// One device-to-cloud message.
package struct TelemetryMessage: Sendable, Hashable {
    /// What is sent.
    package enum Body: Sendable, Hashable {
        /// Sent as its UTF-8 text with content type `application/json` and content encoding `utf-8`.
        case json(JSONValue)
        /// Sent as it is, with these marks on it where given.
        case bytes([UInt8], contentType: String?, contentEncoding: String?)
    }

    /// One application property.
    package struct Property: Sendable, Hashable {
        /// The name; every text is allowed, it is percent-encoded.
        package var name: String
        /// The value; every text is allowed, it is percent-encoded.
        package var value: String

        /// Makes a property.
        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The Plug and Play component (`$.sub`), `nil` for the root.
    package var component: String?
    /// What is sent.
    package var body: Body
    /// The creation time, sent as `iothub-creation-time-utc` where set: for messages that had to wait.
    package var createdAt: WallTime?
    /// The message id (`$.mid`), at most 128 characters.
    package var messageID: String?
    /// Application properties; order has no meaning, they are sent sorted.
    package var properties: [Property]

    /// Makes a message.
    package init(
        component: String? = nil, body: Body, createdAt: WallTime? = nil, messageID: String? = nil,
        properties: [Property] = []
    ) {
        self.component = component
        self.body = body
        self.createdAt = createdAt
        self.messageID = messageID
        self.properties = properties
    }
}
