// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

@testable import LocalHub

/// Makes byte streams that are almost MQTT.
enum MQTTFuzzer {
    private static let topics = [
        "devices/d1/messages/events/", "devices/d1/messages/events/$.ct=a%2Fb&x=%zz",
        "$iothub/twin/GET/?$rid=1",
        "$iothub/twin/PATCH/properties/reported/?$rid=2", "$iothub/methods/res/200/?$rid=3",
        "$iothub/methods/res//?$rid=", "$dps/registrations/PUT/iotdps-register/?$rid=1", "/?", "",
    ]
    private static let bodies = ["", " ", "{}", "{\"a\":{\"b\":null}}", "[[[[", "{\"a\":1e999}", "\u{0}"]

    /// About ten packets, some of them damaged in a byte, cut short or made up.
    static func stream(using random: inout SeededGenerator) -> [UInt8] {
        (0..<10).flatMap { _ in
            var bytes = packet(using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                    UInt8(1) << UInt8.random(in: 0...7, using: &random)
            case 1: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            case 2: bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            default: break
            }
            return bytes
        }
    }

    private static func packet(using random: inout SeededGenerator) -> [UInt8] {
        let id = UInt16.random(in: 1...9, using: &random)
        let packet: MQTTPacket
        switch Int.random(in: 0..<8, using: &random) {
        case 0: packet = .pingRequest
        case 1: packet = .puback(id)
        case 2: packet = .subscribe(id: id, filters: [MQTTSubscription(filter: Filters.methods, qos: 2)])
        case 3: packet = .unsubscribe(id: id, filters: [Filters.methods])
        default:
            packet = .publish(
                MQTTPublish(
                    topic: topics.randomElement(using: &random) ?? "",
                    payload: Array((bodies.randomElement(using: &random) ?? "").utf8), qos: 1, id: id))
        }
        return packet.bytes
    }
}
