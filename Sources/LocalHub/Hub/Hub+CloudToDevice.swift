// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    private static let queueLimit = 50
    private static let messageLimit = 65_536
    private static let deliveryLimit = 10

    /// Queues a message for a device and sends it when the device is connected and subscribed.
    ///
    /// Throws 404001 for an unknown device, 403004 when 50 wait already, 413001 above 64 KiB.
    @discardableResult
    public func sendToDevice(_ id: String, _ message: CloudToDeviceMessage) throws(HubFailure) -> String {
        guard let state = states[id] else { throw .deviceNotFound(id) }
        guard message.size <= Self.messageLimit else {
            throw .tooLarge("A message to a device may hold \(Self.messageLimit) bytes, not \(message.size).")
        }
        guard state.session.queue.count < Self.queueLimit else { throw .queueFull }
        let messageId = message.messageId ?? UUID().uuidString.lowercased()
        // The real service keeps nothing for a device that has never connected.
        guard state.hasConnectedOnce else { return messageId }
        let expiry = configuration.now().addingTimeInterval(message.timeToLive.seconds)
        states[id]?.session.queue.append(
            QueuedMessage(id: "\(nextNumber())", message: message.identified(messageId), expiry: expiry))
        states[id]?.device.queuedMessages = state.session.queue.count + 1
        deliverMessages(to: id)
        changed()
        return messageId
    }

    /// Sends what waits and is not on its way, oldest first, when the device listens.
    func deliverMessages(to device: String) {
        let now = configuration.now()
        states[device]?.session.queue.removeAll {
            $0.expiry <= now || ($0.deliveries >= Self.deliveryLimit && $0.packetId == nil)
        }
        let filter = Filters.messages(to: device)
        guard let state = states[device], let id = state.connection,
            let qos = live[id]?.record.subscriptions[filter]
        else { return }
        for message in state.session.queue where message.packetId == nil {
            if qos > 0, let packetId = live[id]?.takePacketId() {
                live[id]?.unacknowledged[packetId] = message.id
                transmit(message.id, of: device, packetId, on: id)
            } else {
                send(.publish(message.message.packet(to: device)), on: id)
                complete(message.id, of: device)
            }
        }
        countQueue(of: device)
    }

    private func countQueue(of device: String) {
        // Reading inside the assignment would access `states` twice at once.
        let count = states[device]?.session.queue.count ?? 0
        states[device]?.device.queuedMessages = count
    }

    /// Removes an acknowledged message.
    func complete(_ message: String, of device: String) {
        states[device]?.session.queue.removeAll { $0.id == message }
        countQueue(of: device)
    }

    /// Sends a queued message, and once more when its lock passes without PUBACK.
    private func transmit(_ message: String, of device: String, _ packetId: UInt16, on id: Int) {
        guard let index = states[device]?.session.queue.firstIndex(where: { $0.id == message }),
            var queued = states[device]?.session.queue[index]
        else { return }
        var publish = queued.message.packet(to: device)
        publish.qos = 1
        publish.id = packetId
        publish.isDuplicate = queued.deliveries > 0
        queued.packetId = packetId
        queued.deliveries += 1
        states[device]?.session.queue[index] = queued
        send(.publish(publish), on: id)
        let isLast = queued.deliveries >= Self.deliveryLimit
        schedule(on: id, after: configuration.messageLock) { hub in
            guard hub.live[id]?.unacknowledged[packetId] != nil else { return }
            guard !isLast else {
                hub.live[id]?.unacknowledged[packetId] = nil
                return hub.complete(message, of: device)
            }
            hub.transmit(message, of: device, packetId, on: id)
        }
    }
}

extension CloudToDeviceMessage {
    /// Bytes counted against the limit.
    var size: Int {
        properties.reduce(body.count) { $0 + $1.key.utf8.count + ($1.value?.utf8.count ?? 0) }
    }

    fileprivate func identified(_ id: String) -> CloudToDeviceMessage {
        var copy = self
        copy.messageId = id
        return copy
    }

    /// The message as QoS 0 PUBLISH.
    fileprivate func packet(to device: String) -> MQTTPublish {
        MQTTPublish(
            topic: "devices/\(device)/messages/devicebound/\(propertyBag(for: device))", payload: body)
    }

    private func propertyBag(for device: String) -> String {
        var bag = properties
        let system = [
            "$.mid": messageId, "$.cid": correlationId, "$.uid": userId, "$.ct": contentType,
            "$.ce": contentEncoding,
            "$.to": "/devices/\(device)/messages/devicebound",
        ]
        for (name, value) in system { if let value { bag[name] = value } }
        return PropertyBag.encode(bag)
    }
}
