// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation
import Testing

@testable import LocalHub

@Suite("MQTT 3.1.1 packets") struct MQTTCodecTests {
    static let packets: [MQTTPacket] = [
        .connect(
            MQTTConnect(
                clientId: "d1", cleanSession: true, keepAlive: 240,
                will: .init(topic: "w", payload: [1, 2], qos: 1, isRetained: true), userName: "u",
                password: [0, 255])),
        .connect(MQTTConnect(clientId: "d", cleanSession: false, keepAlive: 0, userName: "ü")),
        .connack(sessionPresent: true, code: 5),
        .publish(
            MQTTPublish(
                topic: "a/b", payload: Array(repeating: 7, count: 300), qos: 1, isDuplicate: true, id: 9)),
        .publish(MQTTPublish(topic: "t", payload: [], isRetained: true)),
        .puback(65_535), .qos2(type: 6, id: 3),
        .subscribe(
            id: 2, filters: [MQTTSubscription(filter: "$a/#", qos: 1), MQTTSubscription(filter: "+", qos: 2)]),
        .suback(id: 2, codes: [1, 128]), .unsubscribe(id: 4, filters: ["x", "y/#"]), .unsuback(4),
        .pingRequest, .pingResponse, .disconnect,
    ]

    @Test("Every packet survives the wire, one byte at a time", arguments: packets)
    func roundTrip(packet: MQTTPacket) throws {
        var framing = MQTTFraming()
        let bytes = packet.bytes
        for byte in bytes.dropLast() {
            framing.append([byte])
            #expect(try framing.next() == nil)
        }
        framing.append(bytes.suffix(1))
        #expect(try framing.next() == packet)
        #expect(try framing.next() == nil)
    }

    @Test("Packets in one piece come out in order")
    func together() throws {
        var framing = MQTTFraming()
        framing.append(Self.packets.flatMap(\.bytes))
        for packet in Self.packets { #expect(try framing.next() == packet) }
        #expect(try framing.next() == nil)
    }

    @Test("The bytes of the standard's examples")
    func examples() throws {
        // MQTT 3.1.1 figures 3.6 (CONNECT), 3.10 (PUBLISH) and 3.23 (SUBSCRIBE).
        let connect: [UInt8] = [
            0x10, 0x10, 0x00, 0x04, 0x4D, 0x51, 0x54, 0x54, 0x04, 0xC2, 0x00, 0x0A, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00,
        ]
        let publish: [UInt8] = [0x32, 0x07, 0x00, 0x03, 0x61, 0x2F, 0x62, 0x00, 0x0A]
        let subscribe: [UInt8] = [
            0x82, 0x0E, 0x00, 0x0A, 0x00, 0x03, 0x61, 0x2F, 0x62, 0x01, 0x00, 0x03, 0x63, 0x2F, 0x64, 0x02,
        ]
        #expect(
            try decode(connect)
                == .connect(
                    MQTTConnect(clientId: "", cleanSession: true, keepAlive: 10, userName: "", password: [])))
        #expect(try decode(publish) == .publish(MQTTPublish(topic: "a/b", payload: [], qos: 1, id: 10)))
        let filters = [MQTTSubscription(filter: "a/b", qos: 1), MQTTSubscription(filter: "c/d", qos: 2)]
        #expect(try decode(subscribe) == .subscribe(id: 10, filters: filters))
    }

    @Test(
        "Broken packets are refused",
        arguments: [
            [0x00, 0x00], [0xF0, 0x00],  // reserved types
            [0x30, 0x02, 0x00, 0x00],  // empty topic
            [0x30, 0x03, 0x00, 0x01, 0x23],  // wildcard in a topic name
            [0x30, 0x03, 0x00, 0x01, 0x00],  // U+0000
            [0x30, 0x03, 0x00, 0x01, 0xFF],  // not UTF-8
            [0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01],  // QoS 3
            [0x38, 0x03, 0x00, 0x01, 0x61],  // DUP with QoS 0
            [0x32, 0x05, 0x00, 0x01, 0x61, 0x00, 0x00],  // packet identifier 0
            [0x80, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x00],  // SUBSCRIBE flags
            [0x82, 0x02, 0x00, 0x01],  // SUBSCRIBE without filter
            [0x82, 0x08, 0x00, 0x01, 0x00, 0x03, 0x61, 0x23, 0x62, 0x00],  // '#' within a level
            [0x82, 0x06, 0x00, 0x01, 0x00, 0x01, 0x61, 0x03],  // QoS 3
            [0x40, 0x03, 0x00, 0x01, 0x00], [0x40, 0x01, 0x00], [0xC0, 0x01, 0x00],  // wrong lengths
            [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x30, 0xFF, 0xFF, 0xFF, 0x7F],  // remaining length
            // reserved flag
            [0x10, 0x0C, 0x00, 0x04, 0x4D, 0x51, 0x54, 0x54, 0x04, 0x03, 0x00, 0x0A, 0x00, 0x00],
            // password only
            [0x10, 0x0C, 0x00, 0x04, 0x4D, 0x51, 0x54, 0x54, 0x04, 0x40, 0x00, 0x0A, 0x00, 0x00],
        ] as [[UInt8]])
    func broken(bytes: [UInt8]) {
        #expect(throws: MQTTError.self) { try decode(bytes) }
    }

    @Test(
        "Other protocol versions are read far enough to refuse them", arguments: [("MQIsdp", 3), ("MQTT", 5)])
    func versions(name: String, level: UInt8) throws {
        let body = [0, UInt8(name.utf8.count)] + Array(name.utf8) + [level, 2, 0, 10, 0, 0, 0]
        let packet = try decode([0x10, UInt8(body.count)] + body)
        guard case .connect(let connect) = packet else {
            return #expect(Bool(false), "\(String(describing: packet))")
        }
        #expect(connect.protocolName == name)
        #expect(connect.level == level)
    }

    @Test("A packet above the limit is refused at its header, before it is there")
    func tooLarge() {
        var framing = MQTTFraming()
        framing.append([0x30, 0x80, 0x80, 0x80, 0x01])
        #expect { try framing.next() } throws: { ($0 as? MQTTError)?.isTooLarge == true }
    }

    @Test("Random and mutated bytes never crash the reader", arguments: 0..<40 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<500 {
            var bytes = Self.packets.randomElement(using: &random)?.bytes ?? []
            for _ in 0...Int.random(in: 0...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            bytes += (0..<Int.random(in: 0...8, using: &random)).map { _ in
                .random(in: 0...255, using: &random)
            }
            var framing = MQTTFraming()
            framing.append(bytes)
            do { while let packet = try framing.next() { #expect(!packet.bytes.isEmpty) } } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    private func decode(_ bytes: [UInt8]) throws -> MQTTPacket? {
        var framing = MQTTFraming()
        framing.append(bytes)
        return try framing.next()
    }
}
