// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import NIOPosix
import NIOSSL

@testable import LocalHub

/// A client that sends bytes, over TLS or bare, and reads until the server closes.
final class RawClient: Sendable {
    private let channel: any Channel

    /// Connects to that port of the loopback; with a TLS context also finishes the handshake.
    static func connect(port: Int, tls: NIOSSLContext? = nil) async throws -> RawClient {
        let (channel, handshake) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { () -> (any Channel, EventLoopFuture<Void>?) in
                    guard let tls else { return (channel, nil) }
                    let handshake = HandshakeHandler(eventLoop: channel.eventLoop, limit: .seconds(10))
                    let client = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandlers([client, handshake])
                    return (channel, handshake.completed)
                }
            }
        try await handshake?.get()
        return RawClient(channel)
    }

    private init(_ channel: any Channel) { self.channel = channel }

    /// Sends bytes; that the server may not want them is the point.
    func send(_ bytes: [UInt8]) async {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Returns when the server has closed.
    func closed() async throws { try await channel.closeFuture.get() }

    /// Closes without any farewell of TLS.
    func close() async {
        // Only fails when the server was faster.
        try? await channel.close()
    }
}
