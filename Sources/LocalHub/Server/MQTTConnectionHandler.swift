// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// What a connection's task gets to do, in order.
private enum ConnectionEvent: Sendable {
    /// Packets that came in so many bytes.
    case packets([MQTTPacket], bytes: Int)
    case malformed(MQTTError)
}

/// Turns decrypted bytes into packets and hands them to the hub, one connection each.
///
/// Lives on the event loop of its channel; the hub is called from one task per connection, which keeps the order.
/// It stops reading while the hub has too much of this connection to work off, or the client too much to take.
final class MQTTConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Received bytes that may wait for the hub.
    private static let backlogLimit = 1 << 16

    private let hub: Hub
    private let serverName: String?
    private let certificates: PeerCertificates
    private var framing = MQTTFraming()
    private var events: AsyncStream<ConnectionEvent>.Continuation?
    private var closeReason = "closed by the client"
    private var isBroken = false
    private let deadline: Scheduled<Void>
    private var context: ChannelHandlerContext?
    /// Bytes of packets the hub has not handled yet.
    private var backlog = 0
    /// Bytes of packets that are not complete yet.
    private var incomplete = 0
    private var isReadHeld = false
    private let gate = WriteGate()

    /// The deadline is for the handshake and is cancelled by its end.
    init(hub: Hub, serverName: String?, certificates: PeerCertificates, deadline: Scheduled<Void>) {
        self.deadline = deadline
        self.hub = hub
        self.serverName = serverName
        self.certificates = certificates
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        isReadHeld = true
        resume(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        gate.set(isOpen: context.channel.isWritable || !context.channel.isActive)
        resume(context)
        context.fireChannelWritabilityChanged()
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard isReadHeld, backlog < Self.backlogLimit, context.channel.isWritable else { return }
        isReadHeld = false
        context.read()
    }

    private func handled(_ bytes: Int) {
        backlog -= bytes
        if let context { resume(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event, events == nil {
            start(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        let received = unwrapInboundIn(data).readableBytesView
        framing.append(received)
        incomplete += received.count
        var packets: [MQTTPacket] = []
        do throws(MQTTError) {
            while let packet = try framing.next() { packets.append(packet) }
            pass(packets)
        } catch {
            isBroken = true
            pass(packets)
            events?.yield(.malformed(error))
        }
    }

    private func pass(_ packets: [MQTTPacket]) {
        guard !packets.isEmpty else { return }
        events?.yield(.packets(packets, bytes: incomplete))
        backlog += incomplete
        incomplete = 0
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
        gate.set(isOpen: true)
        events?.finish()
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        deadline.cancel()
        let version = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).tlsVersion
        let details = TLSDetails(
            version: version.map(\.name), serverName: serverName,
            certificates: certificates.chain.withLock(\.self))
        let (stream, continuation) = AsyncStream.makeStream(of: ConnectionEvent.self)
        events = continuation
        let sink = ChannelSink(channel: context.channel)
        let hub = hub
        let (loop, gate) = (context.eventLoop, gate)
        let handler = NIOLoopBound(self, eventLoop: loop)
        Task {
            let id = await hub.open(sink, tls: details)
            for await event in stream {
                switch event {
                case .packets(let packets, let bytes):
                    for packet in packets {
                        await gate.pass()
                        await hub.receive(packet, on: id)
                    }
                    loop.execute { handler.value.handled(bytes) }
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
