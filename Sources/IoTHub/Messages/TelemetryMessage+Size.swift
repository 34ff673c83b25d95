// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension TelemetryMessage {
    /// The bytes that a hub counts, or a few more: body and properties as they are sent; `nil` for what cannot be sent.
    package var billableSize: Int? {
        guard let (topic, payload) = try? encoded(deviceID: "") else { return nil }
        return payload.count + HubTopic.propertySize(ofTelemetry: topic)
    }
}

extension HubTopic {
    /// The size of the properties in a topic of telemetry.
    static func propertySize(ofTelemetry topic: String) -> Int {
        topic.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }.count
    }
}
