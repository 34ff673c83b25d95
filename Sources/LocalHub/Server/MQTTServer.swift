// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// The TLS listener in front of a hub.
final class MQTTServer: Sendable {
    private let listener: any Channel
    private let open: OpenChannels
    private let hub: Hub

    /// The port it listens on.
    let port: Int

    /// Starts to listen.
    ///
    /// Throws when the address cannot be bound.
    init(hub: Hub, contexts: TLSContexts, host: String, port: Int) async throws {
        let open = OpenChannels()
        let limit = TimeAmount(await hub.configuration.connectLimit)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            // A connection with more than this unsent is not read from until its client has caught up.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .childChannelInitializer { channel in
                open.add(channel)
                return Self.prepare(channel, hub, contexts, limit)
            }
        listener = try await bootstrap.bind(host: host, port: port).get()
        self.open = open
        self.hub = hub
        self.port = listener.localAddress?.port ?? port
    }

    /// Closes the listener and every connection, frozen ones too.
    func stop() async {
        // Both only fail when the channel is closed already.
        try? await listener.close()
        await hub.shutDown()
        await open.close()
    }

    private static func prepare(
        _ channel: any Channel, _ hub: Hub, _ contexts: TLSContexts, _ limit: TimeAmount
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let deadline = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in deadline.cancel() }
            let sni = SNIHandler { result in
                var serverName: String?
                if case .hostname(let name) = result { serverName = name }
                return secure(channel, serverName, hub, contexts, deadline)
            }
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(sni))
        }
    }

    /// Adds TLS with the certificate the faults in force ask for, and the MQTT handler behind it.
    private static func secure(
        _ channel: any Channel, _ serverName: String?, _ hub: Hub, _ contexts: TLSContexts,
        _ deadline: Scheduled<Void>
    ) -> EventLoopFuture<Void> {
        let context = channel.eventLoop.makeFutureWithTask {
            let wrong = await hub.takeWrongCertificate()
            return try contexts.context(wrong, at: await hub.configuration.now())
        }
        return context.flatMapThrowing { context in
            let peer = PeerCertificates()
            // Who a certificate belongs to is decided at CONNECT, so the handshake takes any.
            let tls = NIOSSLServerHandler(context: context) { certificates, promise in
                peer.chain.withLock { $0 = certificates.compactMap { try? $0.toDERBytes() } }
                promise.succeed(.certificateVerified)
            }
            let handler = MQTTConnectionHandler(
                hub: hub, serverName: serverName, certificates: peer, deadline: deadline)
            try channel.pipeline.syncOperations.addHandlers([tls, handler])
        }
    }
}

/// The connections of a server, so that none outlives it.
private final class OpenChannels: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.channels.withLock { _ = $0.removeValue(forKey: id) }
        }
    }

    func close() async {
        for channel in channels.withLock({ Array($0.values) }) {
            // Only fails when the channel is closed already.
            try? await channel.close()
        }
    }
}
