// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(10))) struct USBIPServerTests {
    private static let importRequest: [UInt8] =
        [0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0] + Array("1-1".utf8) + Array(repeating: 0, count: 29)

    private func connect(to port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    @Test("A device is imported over TCP, and pulling it out ends the connection")
    func importsAndUnplugs() async throws {
        let server = try await USBIPServer.start()
        server.plug(I2CTinyUSBAdapter(), as: "1-1")
        try await connect(to: server.port).executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: Self.importRequest))
            var received = 0
            for try await bytes in inbound {
                received += bytes.readableBytes
                if received == 320 { await server.unplug("1-1") }
            }
            #expect(received == 320)
        }
        #expect(server.failures.isEmpty)
        await server.shutDown()
    }

    @Test("What cannot be followed is closed, and the reason is kept")
    func rejects() async throws {
        let server = try await USBIPServer.start()
        try await connect(to: server.port).executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: Array(repeating: 0x47, count: 40)))
            for try await _ in inbound { Issue.record("an answer to nonsense") }
        }
        #expect(server.failures == [USBIPError.version(0x4747).description])
        await server.shutDown()
    }
}
