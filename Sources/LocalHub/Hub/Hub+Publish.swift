// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Hub {
    /// Handles PUBLISH of an accepted connection.
    func receive(_ publish: MQTTPublish, on id: Int) {
        guard let record = live[id]?.record, let device = record.deviceId else { return }
        guard publish.qos < 2 else {
            return refuse(id, .qualityOfService, "PUBLISH with QoS 2 to \(publish.topic)")
        }
        guard record.service == .hub else { return receiveRegistration(publish, on: id) }
        if let topic = TelemetryTopic(publish.topic, device: device) {
            return receiveTelemetry(publish, topic, on: id)
        }
        guard let request = RequestTopic(publish.topic) else {
            return refuse(id, .topic, "PUBLISH to \"\(publish.topic)\"")
        }
        switch request.path {
        case ["$iothub", "twin", "GET"]:
            acknowledge(publish, on: id)
            getTwin(request, on: id)
        case ["$iothub", "twin", "PATCH", "properties", "reported"]:
            acknowledge(publish, on: id)
            patchReported(request, publish.payload, on: id)
        case let path where path.count == 4 && path.starts(with: ["$iothub", "methods", "res"]):
            acknowledge(publish, on: id)
            receiveMethodResponse(request, status: path[3], publish, on: id)
        default:
            refuse(id, .topic, "PUBLISH to \"\(publish.topic)\"")
        }
    }

    /// Sends PUBACK when the message asks for one.
    func acknowledge(_ publish: MQTTPublish, on id: Int) {
        if let packetId = publish.id { send(.puback(packetId), on: id) }
    }

    /// Handles PUBACK: completes the cloud-to-device message it belongs to, if any.
    func acknowledge(_ packetId: UInt16, on id: Int) {
        guard let message = live[id]?.unacknowledged.removeValue(forKey: packetId) else {
            return report(.acknowledgement, "PUBACK \(packetId), which was not sent", on: id)
        }
        if let message, let device = live[id]?.record.deviceId { complete(message, of: device) }
    }
}

/// A topic of the form `{path}/?{query}`.
struct RequestTopic: Sendable, Hashable {
    let path: [String]
    let query: [String: String?]

    /// nil when the topic has another form or its query is not percent-encoded.
    init?(_ topic: String) {
        guard let mark = topic.firstRange(of: "/?") else { return nil }
        guard let query = PropertyBag.decode(topic[mark.upperBound...]) else { return nil }
        path = topic[..<mark.lowerBound].split(separator: "/", omittingEmptySubsequences: false).map(
            String.init)
        self.query = query
    }

    /// The request id as given, nil when missing or empty.
    var requestId: String? {
        guard let value = query["$rid"] ?? nil, !value.isEmpty else { return nil }
        return value
    }
}
