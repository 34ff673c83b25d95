// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A telemetry topic of a device, `devices/{id}/messages/events/{bag}`.
struct TelemetryTopic: Sendable, Hashable {
    /// nil when the bag is not well-formed.
    let properties: [String: String?]?

    /// nil when this is another topic.
    init?(_ topic: String, device: String) {
        let prefix = "devices/\(device)/messages/events"
        guard topic.hasPrefix(prefix) else { return nil }
        let rest = topic.dropFirst(prefix.count)
        guard rest.isEmpty || rest.first == "/" else { return nil }
        properties = PropertyBag.decode(rest.dropFirst())
    }
}

extension Hub {
    /// Largest device-to-cloud message: body, system property values, application property names and values.
    static let telemetryLimit = 262_144

    func receiveTelemetry(_ publish: MQTTPublish, _ topic: TelemetryTopic, on id: Int) {
        guard let connection = live[id], let device = connection.record.deviceId else { return }
        if takeFault(.dropOnTelemetry, for: device) { return end(id, because: "dropped on request") }
        if publish.topic == "devices/\(device)/messages/events" {
            report(.topic, "telemetry topic without its trailing slash", on: id)
        }
        guard let properties = topic.properties else {
            return refuse(id, .propertyBag, "\"\(publish.topic)\"")
        }
        let size = properties.reduce(publish.payload.count) { sum, property in
            sum + (property.key.hasPrefix("$.") ? 0 : property.key.utf8.count)
                + (property.value?.utf8.count ?? 0)
        }
        guard size <= Self.telemetryLimit else {
            return refuse(id, .messageSize, "message of \(size) bytes, more than \(Self.telemetryLimit)")
        }
        log(publish, properties, from: connection)
        acknowledgeTelemetry(publish, on: id)
    }

    /// Stores a will as the message it becomes.
    func store(_ will: MQTTConnect.Will, from connection: LiveConnection) {
        guard let device = connection.record.deviceId else { return }
        var properties = TelemetryTopic(will.topic, device: device)?.properties ?? [:]
        properties["iothub-MessageType"] = "Will"
        log(
            MQTTPublish(topic: will.topic, payload: will.payload, qos: will.qos, isRetained: will.isRetained),
            properties, from: connection)
    }

    private func log(_ publish: MQTTPublish, _ bag: [String: String?], from connection: LiveConnection) {
        var (system, application): ([String: String], [String: String]) = ([:], [:])
        for (name, value) in bag {
            if name.hasPrefix("$.") { system[name] = value ?? "" } else { application[name] = value ?? "" }
        }
        if publish.isRetained { application["mqtt-retain"] = "true" }
        let record = TelemetryRecord(
            sequence: telemetryLog.nextSequence, deviceId: connection.record.deviceId ?? "",
            systemProperties: system, properties: application, body: publish.payload,
            modelId: connection.record.modelId, qos: Int(publish.qos), isDuplicate: publish.isDuplicate,
            packetId: publish.id.map(Int.init), receivedAt: configuration.now())
        telemetryLog.append(
            record, bytes: record.size, limit: configuration.logLimit, byteLimit: configuration.logByteLimit)
        telemetryFeed.publish(record)
    }

    private func acknowledgeTelemetry(_ publish: MQTTPublish, on id: Int) {
        guard let packetId = publish.id, let device = live[id]?.record.deviceId else { return }
        let number = telemetryLog.total
        let isDropped: Void? = takeFault(for: device) {
            if case .dropPubacks(let interval) = $0, number % interval == 0 { () } else { nil }
        }
        guard isDropped == nil else { return }
        if takeFault(.holdPubacks, for: device) {
            live[id]?.heldPubacks.append(packetId)
            return checkUnacknowledged(id)
        }
        let delay = takeFault(for: device) { if case .delayPubacks(let delay) = $0 { delay } else { nil } }
        guard let delay else { return send(.puback(packetId), on: id) }
        live[id]?.delayedPubacks += 1
        schedule(on: id, after: delay) { hub in
            hub.live[id]?.delayedPubacks -= 1
            hub.send(.puback(packetId), on: id)
        }
        checkUnacknowledged(id)
    }

    /// Closes a connection with more messages unacknowledged than there are packet identifiers.
    private func checkUnacknowledged(_ id: Int) {
        guard let connection = live[id] else { return }
        if connection.heldPubacks.count + connection.delayedPubacks > Int(UInt16.max) {
            refuse(id, .acknowledgement, "packet identifiers used again before their PUBACK")
        }
    }

    /// Sends the acknowledgements held back on connections no hold is in force for any more.
    func releasePubacks() {
        for (id, connection) in live where !connection.heldPubacks.isEmpty {
            let isHeld = activeFaults.contains {
                $0.kind == .holdPubacks && ($0.deviceId == nil || $0.deviceId == connection.record.deviceId)
            }
            guard !isHeld else { continue }
            live[id]?.heldPubacks = []
            for packetId in connection.heldPubacks { send(.puback(packetId), on: id) }
        }
    }
}
