// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import Synchronization

/// Writes into a channel: all that was sent before the event loop comes to it goes out at once.
final class ChannelSink: ConnectionSink {
    private let channel: any Channel
    private let waiting = Mutex<[UInt8]>([])

    init(channel: any Channel) { self.channel = channel }

    func send(_ packet: MQTTPacket) {
        let bytes = packet.bytes
        let isFirst = waiting.withLock { waiting in
            defer { waiting += bytes }
            return waiting.isEmpty
        }
        if isFirst { channel.eventLoop.execute { self.flush() } }
    }

    func close() {
        channel.close(promise: nil)
    }

    func freeze() {
        channel.setOption(.autoRead, value: false).whenFailure { _ in
            // The channel closed meanwhile, which is as silent as it gets.
        }
    }

    private func flush() {
        let bytes = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: waiting.capacity <= 65_536) }
            return ByteBuffer(bytes: waiting)
        }
        channel.writeAndFlush(bytes, promise: nil)
    }
}
