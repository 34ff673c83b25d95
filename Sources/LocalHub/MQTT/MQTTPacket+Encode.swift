// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension MQTTPacket {
    /// The packet as it goes onto the wire.
    ///
    /// Texts and data of CONNECT and topics must not exceed 65,535 bytes; longer ones are cut.
    var bytes: [UInt8] {
        switch self {
        case .connect(let connect): Self.framed(0x10, connect.body)
        case .connack(let sessionPresent, let code): Self.framed(0x20, [sessionPresent ? 1 : 0, code])
        case .publish(let publish): Self.framed(0x30 | publish.flags, publish.body)
        case .puback(let id): Self.framed(0x40, id.wire)
        case .qos2(let type, let id): Self.framed(type << 4 | (type == 6 ? 2 : 0), id.wire)
        case .subscribe(let id, let filters):
            Self.framed(0x82, id.wire + filters.flatMap { Array($0.filter.utf8).wire + [$0.qos] })
        case .suback(let id, let codes): Self.framed(0x90, id.wire + codes)
        case .unsubscribe(let id, let filters):
            Self.framed(0xA2, id.wire + filters.flatMap { Array($0.utf8).wire })
        case .unsuback(let id): Self.framed(0xB0, id.wire)
        case .pingRequest: Self.framed(0xC0, [])
        case .pingResponse: Self.framed(0xD0, [])
        case .disconnect: Self.framed(0xE0, [])
        }
    }

    private static func framed(_ header: UInt8, _ body: [UInt8]) -> [UInt8] {
        var result = [header]
        result.reserveCapacity(body.count + 5)
        var length = body.count
        repeat {
            let more = length > 0x7F
            result.append(UInt8(length & 0x7F) | (more ? 0x80 : 0))
            length >>= 7
        } while length > 0
        return result + body
    }
}

extension MQTTPublish {
    fileprivate var flags: UInt8 { (isDuplicate ? 8 : 0) | qos << 1 | (isRetained ? 1 : 0) }

    fileprivate var body: [UInt8] {
        Array(topic.utf8).wire + (id.map(\.wire) ?? []) + payload
    }
}

extension MQTTConnect {
    fileprivate var body: [UInt8] {
        var flags: UInt8 = cleanSession ? 0x02 : 0
        if let will { flags |= 0x04 | will.qos << 3 | (will.isRetained ? 0x20 : 0) }
        if userName != nil { flags |= 0x80 }
        if password != nil { flags |= 0x40 }
        var result =
            Array(protocolName.utf8).wire + [level, flags] + keepAlive.wire + Array(clientId.utf8).wire
        if let will { result += Array(will.topic.utf8).wire + will.payload.wire }
        if let userName { result += Array(userName.utf8).wire }
        if let password { result += password.wire }
        return result
    }
}

extension UInt16 {
    fileprivate var wire: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xFF)] }
}

extension [UInt8] {
    /// The bytes behind their length.
    fileprivate var wire: [UInt8] {
        let part = prefix(Int(UInt16.max))
        return UInt16(part.count).wire + part
    }
}
