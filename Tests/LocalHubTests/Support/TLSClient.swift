// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import LocalHub

/// A client on a real TLS connection, which says exactly what it is told to.
final class TLSClient: Sendable {
    private let channel: any Channel
    private let incoming: AsyncStream<MQTTPacket>

    /// Connects and finishes the handshake, checking the certificate against that authority and name.
    static func connect(
        to server: LocalHubServer, name: String = "localhost",
        identity: (certificate: String, key: String)? = nil
    ) async throws -> TLSClient {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(server.caFile.path(percentEncoded: false))
        if let identity {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(
                Array(identity.certificate.utf8)
            )
            .map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let (stream, continuation) = AsyncStream.makeStream(of: MQTTPacket.self)
        let handshake = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        try NIOSSLClientHandler(context: context, serverHostname: name),
                        ClientHandler(continuation, handshake),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: server.mqttPort).get()
        try await handshake.futureResult.get()
        return TLSClient(channel, stream)
    }

    private init(_ channel: any Channel, _ incoming: AsyncStream<MQTTPacket>) {
        self.channel = channel
        self.incoming = incoming
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(_ packet: MQTTPacket) async throws { try await send(packet.bytes) }

    /// Hands bytes to the network without waiting until they are gone.
    func post(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Stops to take from the network, or goes on.
    func setReading(_ isOn: Bool) async throws {
        try await channel.setOption(.autoRead, value: isOn).get()
    }

    /// The next packet; nil once the server has closed.
    ///
    /// One caller at a time.
    func next() async -> MQTTPacket? {
        var iterator = incoming.makeAsyncIterator()
        return await iterator.next()
    }

    /// CONNECT as that device; returns the code of CONNACK.
    func connect(as id: String, password: [UInt8]?) async throws -> UInt8? {
        try await send(
            .connect(
                MQTTConnect(
                    clientId: id, cleanSession: false, keepAlive: 60, userName: TestDevice.userName(id),
                    password: password)))
        guard case .connack(_, let code)? = await next() else { return nil }
        return code
    }

    func close() async {
        // Only fails when the server was faster.
        try? await channel.close()
    }
}

/// Reads packets and tells when the handshake is done or failed.
private final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let packets: AsyncStream<MQTTPacket>.Continuation
    private let handshake: EventLoopPromise<Void>
    private var framing = MQTTFraming()

    init(_ packets: AsyncStream<MQTTPacket>.Continuation, _ handshake: EventLoopPromise<Void>) {
        self.packets = packets
        self.handshake = handshake
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        handshake.succeed()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        framing.append(unwrapInboundIn(data).readableBytesView)
        while let packet = try? framing.next() { packets.yield(packet) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handshake.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        handshake.fail(ChannelError.eof)
        packets.finish()
    }
}
