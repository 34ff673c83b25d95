// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// What a connection's task gets to do, in order.
private enum ConnectionEvent: Sendable {
    case packets([MQTTPacket])
    case malformed(MQTTError)
}

/// Turns decrypted bytes into packets and hands them to the hub, one connection each.
///
/// Lives on the event loop of its channel; the hub is called from one task per connection, which keeps the order.
final class MQTTConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let hub: Hub
    private let serverName: String?
    private let certificates: PeerCertificates
    private var framing = MQTTFraming()
    private var events: AsyncStream<ConnectionEvent>.Continuation?
    private var closeReason = "closed by the client"
    private var isBroken = false

    init(hub: Hub, serverName: String?, certificates: PeerCertificates) {
        self.hub = hub
        self.serverName = serverName
        self.certificates = certificates
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event, events == nil {
            start(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        framing.append(unwrapInboundIn(data).readableBytesView)
        var packets: [MQTTPacket] = []
        do throws(MQTTError) {
            while let packet = try framing.next() { packets.append(packet) }
            if !packets.isEmpty { events?.yield(.packets(packets)) }
        } catch {
            isBroken = true
            if !packets.isEmpty { events?.yield(.packets(packets)) }
            events?.yield(.malformed(error))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closeReason = "\(error)"
        if events == nil {
            let details = TLSDetails(serverName: serverName)
            let hub = hub
            let reason = "TLS handshake failed: \(error)"
            Task { await hub.handshakeFailed(details, because: reason) }
        }
        // The stream of a broken TLS connection cannot go on.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        events?.finish()
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        let version = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).tlsVersion
        let details = TLSDetails(
            version: version.map(\.name), serverName: serverName,
            certificates: certificates.chain.withLock(\.self))
        let (stream, continuation) = AsyncStream.makeStream(of: ConnectionEvent.self)
        events = continuation
        let sink = ChannelSink(channel: context.channel)
        let hub = hub
        Task {
            let id = await hub.open(sink, tls: details)
            for await event in stream {
                switch event {
                case .packets(let packets): await hub.receive(packets, on: id)
                case .malformed(let error): await hub.receive(error, on: id)
                }
            }
            await hub.closed(id, because: "connection lost")
        }
    }
}

/// The client certificates of one handshake, filled in while it runs.
final class PeerCertificates: Sendable {
    /// DER, the leaf first.
    let chain = Mutex<[[UInt8]]>([])
}

/// Writes into a channel.
private struct ChannelSink: ConnectionSink {
    let channel: any Channel

    func send(_ packet: MQTTPacket) {
        channel.writeAndFlush(ByteBuffer(bytes: packet.bytes), promise: nil)
    }

    func close() {
        channel.close(promise: nil)
    }

    func freeze() {
        channel.setOption(.autoRead, value: false).whenFailure { _ in
            // The channel closed meanwhile, which is as silent as it gets.
        }
    }
}

extension TLSVersion {
    /// The name as OpenSSL writes it.
    fileprivate var name: String {
        switch self {
        case .tlsv1: "TLSv1"
        case .tlsv11: "TLSv1.1"
        case .tlsv12: "TLSv1.2"
        case .tlsv13: "TLSv1.3"
        }
    }
}
