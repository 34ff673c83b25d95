// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Cuts a byte stream into packets, whatever the pieces it arrives in.
struct MQTTFraming: Sendable {
    /// Bodies beyond this are refused at their fixed header, before they are buffered.
    ///
    /// A message of 256 KiB, its topic of up to 64 KiB and the packet identifier fit.
    static let maximumBody = 262_144 + 65_536 + 64

    private var buffer: [UInt8] = []
    private var start = 0

    /// Adds received bytes.
    mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next whole packet, or nil when more bytes are needed.
    mutating func next() throws(MQTTError) -> MQTTPacket? {
        guard let length = try bodyLength() else { return nil }
        let bodyStart = start + 1 + length.bytes
        guard buffer.count >= bodyStart + length.value else { return nil }
        let header = buffer[start]
        let body = buffer[bodyStart..<bodyStart + length.value]
        start = bodyStart + length.value
        return try MQTTPacket(header: header, body: body)
    }

    /// Remaining length of the fixed header (MQTT 3.1.1 section 2.2.3).
    private func bodyLength() throws(MQTTError) -> (value: Int, bytes: Int)? {
        var value = 0
        for count in 1...4 {
            guard start + count < buffer.count else { return nil }
            let byte = buffer[start + count]
            value |= Int(byte & 0x7F) << (7 * (count - 1))
            if byte & 0x80 == 0 {
                guard value <= Self.maximumBody else {
                    throw MQTTError(
                        "packet of \(value) bytes, more than \(Self.maximumBody)", isTooLarge: true)
                }
                return (value, count)
            }
        }
        throw MQTTError("remaining length of more than four bytes")
    }
}
