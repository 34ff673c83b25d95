// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import NIOPosix

/// A Unix socket that QEMU connects one of its character devices to, as lines.
///
/// QEMU is the client, so that everything listens before the machine starts and nothing polls.
final class LineSocket: Sendable {
    private let listener: any Channel
    private let connections: Journal<any Channel>

    private init(listener: any Channel, connections: Journal<any Channel>) {
        self.listener = listener
        self.connections = connections
    }

    /// Listens at `path`; `onLine` is called on the event loop, without the line's end.
    static func listen(
        at path: String, onLine: @escaping @Sendable (String) -> Void, onEnd: @escaping @Sendable () -> Void
    ) async throws -> LineSocket {
        let connections = Journal<any Channel>()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LineHandler(onLine: onLine, onEnd: onEnd))
                    connections.append(channel)
                }
            }
            .bind(unixDomainSocketPath: path).get()
        return LineSocket(listener: listener, connections: connections)
    }

    /// Sends a line as soon as QEMU is connected.
    func send(_ line: String) async throws {
        let channel = try await connections.first { $0 }.found
        try await channel.writeAndFlush(ByteBuffer(string: line + "\n"))
    }

    /// Ends the connection and the listener.
    func close(because error: any Error) async {
        connections.finish(throwing: error)
        for channel in connections.entries { try? await channel.close() }
        try? await listener.close()
    }

    private final class LineHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var splitter = LineSplitter()
        private let onLine: @Sendable (String) -> Void
        private let onEnd: @Sendable () -> Void

        init(onLine: @escaping @Sendable (String) -> Void, onEnd: @escaping @Sendable () -> Void) {
            self.onLine = onLine
            self.onEnd = onEnd
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            for line in splitter.add(unwrapInboundIn(data).readableBytesView) { onLine(line) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            if let rest = splitter.finish() { onLine(rest) }
            onEnd()
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // QEMU resets the connection when it is killed; channelInactive follows.
            context.close(promise: nil)
        }
    }
}

/// Cuts a stream of bytes into lines, with LF or CR LF at their ends.
struct LineSplitter {
    private var rest: [UInt8] = []

    /// Takes bytes and returns the lines that they complete.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        rest += bytes
        let parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(parts.last ?? [])
        return parts.dropLast().map(Self.text)
    }

    /// The unfinished last line, if there is one.
    mutating func finish() -> String? {
        defer { rest = [] }
        return rest.isEmpty ? nil : Self.text(rest[...])
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
}
