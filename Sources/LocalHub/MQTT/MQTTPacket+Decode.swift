// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension MQTTPacket {
    /// Reads the packet with that first byte and body (MQTT 3.1.1 section 3); nothing may be left over.
    init(header: UInt8, body: ArraySlice<UInt8>) throws(MQTTError) {
        let type = header >> 4
        let flags = header & 0x0F
        var reader = MQTTReader(body)
        if type == 3 {
            self = .publish(try MQTTPublish(flags: flags, &reader))
        } else {
            // Types 6, 8 and 10 carry the fixed flags 0010, all others 0000 (table 2.2).
            let expected: UInt8 = [6, 8, 10].contains(type) ? 2 : 0
            guard flags == expected else { throw MQTTError("flags \(flags) in a packet of type \(type)") }
            self = try Self.decode(type: type, &reader)
        }
        try reader.finish()
    }

    private static func decode(type: UInt8, _ reader: inout MQTTReader) throws(MQTTError) -> MQTTPacket {
        switch type {
        case 1: return .connect(try MQTTConnect(&reader))
        case 2:
            let flags = try reader.byte()
            guard flags <= 1 else { throw MQTTError("CONNACK flags \(flags)") }
            return .connack(sessionPresent: flags == 1, code: try reader.byte())
        case 4: return .puback(try reader.identifier())
        case 5, 6, 7: return .qos2(type: type, id: try reader.identifier())
        case 8: return try subscribe(&reader)
        case 9: return .suback(id: try reader.identifier(), codes: reader.remainder())
        case 10: return try unsubscribe(&reader)
        case 11: return .unsuback(try reader.identifier())
        case 12: return .pingRequest
        case 13: return .pingResponse
        case 14: return .disconnect
        default: throw MQTTError("packet type \(type)")
        }
    }

    private static func subscribe(_ reader: inout MQTTReader) throws(MQTTError) -> MQTTPacket {
        let id = try reader.identifier()
        var filters: [MQTTSubscription] = []
        repeat {
            let filter = try MQTTTopic.checkedFilter(try reader.text())
            let qos = try reader.byte()
            guard qos <= 2 else { throw MQTTError("SUBSCRIBE with QoS \(qos)") }
            filters.append(MQTTSubscription(filter: filter, qos: qos))
        } while !reader.isAtEnd
        return .subscribe(id: id, filters: filters)
    }

    private static func unsubscribe(_ reader: inout MQTTReader) throws(MQTTError) -> MQTTPacket {
        let id = try reader.identifier()
        var filters: [String] = []
        repeat { filters.append(try MQTTTopic.checkedFilter(try reader.text())) } while !reader.isAtEnd
        return .unsubscribe(id: id, filters: filters)
    }
}

/// Rules for topic names and filters (section 4.7).
enum MQTTTopic {
    static func checkedName(_ name: String) throws(MQTTError) -> String {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "+")), !name.utf8.contains(UInt8(ascii: "#"))
        else {
            throw MQTTError("topic \"\(name)\" is empty or holds a wildcard")
        }
        return name
    }

    static func checkedFilter(_ filter: String) throws(MQTTError) -> String {
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        for (index, level) in levels.enumerated() {
            let isLast = index == levels.count - 1
            guard level == "+" || (level == "#" && isLast) || !(level.contains("+") || level.contains("#"))
            else {
                throw MQTTError("topic filter \"\(filter)\" has a wildcard where none may be")
            }
        }
        guard !filter.isEmpty else { throw MQTTError("empty topic filter") }
        return filter
    }
}

extension MQTTPublish {
    fileprivate init(flags: UInt8, _ reader: inout MQTTReader) throws(MQTTError) {
        qos = flags >> 1 & 3
        isDuplicate = flags & 8 != 0
        isRetained = flags & 1 != 0
        guard qos < 3, !(qos == 0 && isDuplicate) else { throw MQTTError("PUBLISH with flags \(flags)") }
        topic = try MQTTTopic.checkedName(try reader.text())
        id = qos == 0 ? nil : try reader.identifier()
        payload = reader.remainder()
    }
}

extension MQTTConnect {
    fileprivate init(_ reader: inout MQTTReader) throws(MQTTError) {
        protocolName = try reader.text()
        level = try reader.byte()
        guard protocolName == "MQTT" && level == 4 else {
            // Other versions have other fields from here on; the name and level are all that is needed to refuse.
            (clientId, cleanSession, keepAlive) = ("", true, 0)
            _ = reader.remainder()
            return
        }
        let flags = try reader.byte()
        let hasWill = flags & 0x04 != 0
        let willQoS = flags >> 3 & 3
        guard flags & 1 == 0, willQoS < 3, hasWill || flags & 0x38 == 0, flags & 0xC0 != 0x40 else {
            throw MQTTError("CONNECT with flags \(flags)")
        }
        cleanSession = flags & 0x02 != 0
        keepAlive = try reader.word()
        clientId = try reader.text()
        if hasWill {
            will = Will(
                topic: try MQTTTopic.checkedName(try reader.text()), payload: try reader.data(), qos: willQoS,
                isRetained: flags & 0x20 != 0)
        }
        if flags & 0x80 != 0 { userName = try reader.text() }
        if flags & 0x40 != 0 { password = try reader.data() }
    }
}
