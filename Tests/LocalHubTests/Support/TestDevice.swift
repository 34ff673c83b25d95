// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

@testable import LocalHub

/// A device that talks to a hub without a network in between.
struct TestDevice {
    static let key = "dGhlIGtleSBvZiB0aGUgdGVzdCBkZXZpY2UgMQ=="
    static let modelId = "dtmi:com:example:TemperatureController;2"

    let hub: Hub
    let id: String
    let connection: Int
    let sink: RecordingSink

    /// Opens a connection and sends CONNECT; the device is registered first if it is not.
    static func connect(
        to hub: Hub, id: String = "d1", clean: Bool = false, keepAlive: UInt16 = 60,
        will: MQTTConnect.Will? = nil,
        change: (inout MQTTConnect) -> Void = { _ in }, tls: TLSDetails = TLSDetails()
    ) async throws -> TestDevice {
        if await hub.device(id) == nil {
            try await hub.putDevice(id, .withTestKey)
        }
        let sink = RecordingSink()
        let connection = await hub.open(sink, tls: tls)
        var connect = MQTTConnect(
            clientId: id, cleanSession: clean, keepAlive: keepAlive, will: will, userName: userName(id),
            password: token("localhost/devices/\(id)"))
        change(&connect)
        await hub.receive(.connect(connect), on: connection)
        return TestDevice(hub: hub, id: id, connection: connection, sink: sink)
    }

    static func userName(_ id: String, host: String = "localhost") -> String {
        "\(host)/\(id)/?api-version=2021-04-12&model-id=\(PercentEncoding.encode(modelId))"
    }

    static func token(_ resource: String, key: String = key, expiry: Int? = nil) -> [UInt8] {
        let expiry = expiry ?? Int(Date().timeIntervalSince1970) + 3600
        return Array((SharedAccessSignature.sign(resource: resource, key: key, expiry: expiry) ?? "").utf8)
    }

    /// Sends packets as the device.
    func send(_ packets: MQTTPacket...) async {
        await hub.receive(packets, on: connection)
    }

    func publish(_ topic: String, _ text: String, qos: UInt8 = 1, packetId: UInt16 = 7) async {
        await send(
            .publish(
                MQTTPublish(topic: topic, payload: Array(text.utf8), qos: qos, id: qos == 0 ? nil : packetId))
        )
    }

    func subscribe(_ filters: String...) async {
        await send(.subscribe(id: 1, filters: filters.map { MQTTSubscription(filter: $0, qos: 1) }))
    }

    /// CONNACK's return code, nil when none came.
    var connackCode: UInt8? {
        for packet in sink.packets { if case .connack(_, let code) = packet { return code } }
        return nil
    }

    /// The latest PUBLISH on a topic that begins so.
    func last(_ topicPrefix: String) -> MQTTPublish? {
        sink.publishes.last { $0.topic.hasPrefix(topicPrefix) }
    }
}
