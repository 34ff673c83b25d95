// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Something that a hub counts as a message, with the bytes that it counts.
///
/// Azure IoT Hub, "billing information": device-to-cloud and cloud-to-device messages, method requests and answers, twin
/// reads and updates. Connections, keep-alive and registrations are free.
package struct BillableOperation: Sendable, Hashable {
    /// What was counted.
    package enum Kind: Sendable, Hashable, CaseIterable {
        case telemetry, twinRead, twinUpdate, commandRequest, commandAnswer, cloudMessage
    }

    /// What it is.
    package var kind: Kind
    /// Its size: body, and properties of a telemetry message.
    package var bytes: Int

    /// What a publish by the device counts as; `nil` where it is free or is counted by its answer.
    package init?(publishing payload: [UInt8], to topic: String) {
        if topic.hasPrefix("devices/") {
            self.init(.telemetry, payload.count + HubTopic.propertySize(ofTelemetry: topic))
        } else if topic.hasPrefix("$iothub/twin/PATCH/properties/reported/") {
            self.init(.twinUpdate, payload.count)
        } else if topic.hasPrefix("$iothub/methods/res/") {
            self.init(.commandAnswer, payload.count)
        } else {
            return nil
        }
    }

    /// What a message to the device counts as; `nil` where it is free, or was paid by whoever caused it.
    package init?(receiving payload: [UInt8], from topic: String) {
        if topic.hasPrefix("$iothub/twin/res/200/") {
            self.init(.twinRead, payload.count)
        } else if topic.hasPrefix("$iothub/methods/POST/") {
            self.init(.commandRequest, payload.count)
        } else if topic.hasPrefix("devices/") {
            self.init(.cloudMessage, payload.count)
        } else {
            return nil
        }
    }

    private init(_ kind: Kind, _ bytes: Int) {
        self.kind = kind
        self.bytes = bytes
    }
}
