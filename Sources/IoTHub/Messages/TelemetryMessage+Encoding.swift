// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import StrictJSON

extension TelemetryMessage {
    /// What the hub accepts: body, property names and values together (protocol reference 6).
    static let maximumSize = 262_144

    /// The topic and payload to publish; throws `.invalidMessage` where the hub would close the connection.
    func encoded(deviceID: String) throws(HubError) -> (topic: String, payload: [UInt8]) {
        var bag = PropertyBag(application: properties)
        bag.set(.messageID, to: messageID)
        let payload: [UInt8]
        switch body {
        case .json(let value):
            guard value.isEncodable else { throw Self.invalid("a number in it is not finite") }
            bag.set(.contentType, to: "application/json")
            bag.set(.contentEncoding, to: "utf-8")
            payload = value.encoded()
        case .bytes(let bytes, let contentType, let contentEncoding):
            bag.set(.contentType, to: contentType)
            bag.set(.contentEncoding, to: contentEncoding)
            payload = bytes
        }
        if let component { bag.application.append(Property(name: "$.sub", value: component)) }
        if let text = createdAt?.rfc3339 {
            bag.application.append(Property(name: "iothub-creation-time-utc", value: text))
        }
        // Fewer bytes than that are fewer characters too, and sooner counted.
        guard messageID.map({ $0.utf8.count <= 128 || $0.count <= 128 }) ?? true else {
            throw Self.invalid("its message id is longer than 128 characters")
        }
        guard payload.count + bag.size <= Self.maximumSize else {
            throw Self.invalid("it has more than \(Self.maximumSize) bytes; send less at once")
        }
        let topic = HubTopic.telemetry(deviceID: deviceID, properties: bag)
        guard topic.utf8.count <= 65_535 else {
            throw Self.invalid("its properties are too long; send fewer")
        }
        return (topic, payload)
    }

    private static func invalid(_ reason: String) -> HubError {
        HubError(.invalidMessage, "The message cannot be sent: \(reason).")
    }
}
