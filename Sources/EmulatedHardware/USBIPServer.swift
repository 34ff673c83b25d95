// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import NIOCore
import NIOPosix
import Synchronization

/// Serves emulated USB devices on the loopback interface to a kernel that imports them (`vhci-hcd`).
///
/// Plugging makes a device importable; the kernel's side then connects and names its bus id. Unplugging ends that
/// connection, which the kernel takes as the device being pulled out.
package final class USBIPServer: Sendable {
    private struct State {
        var plugged: [String: any EmulatedUSBDevice] = [:]
        var connections: [ObjectIdentifier: Connection] = [:]
        var failures: [String] = []
    }

    private struct Connection {
        var channel: any Channel
        var busID: String?
    }

    private let state: StateBox
    private let listener: any Channel

    /// The port on 127.0.0.1.
    package let port: Int

    private init(state: StateBox, listener: any Channel, port: Int) {
        self.state = state
        self.listener = listener
        self.port = port
    }

    /// Listens on a free port of 127.0.0.1.
    package static func start(on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton)
        async throws -> USBIPServer
    {
        let state = StateBox()
        let listener = try await ServerBootstrap(group: group)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(state: state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return USBIPServer(state: state, listener: listener, port: listener.localAddress?.port ?? 0)
    }

    /// Ends all connections and the listener.
    package func shutDown() async {
        for channel in state.value.withLock({ $0.connections.values.map(\.channel) }) {
            try? await channel.close()
        }
        try? await listener.close()
    }

    /// Makes a device importable under a bus id such as `1-1`; one that is there already is replaced.
    package func plug(_ device: any EmulatedUSBDevice, as busID: String) {
        state.value.withLock { $0.plugged[busID] = device }
    }

    /// Pulls a device out: it can no longer be imported, and the kernel that has it loses it.
    package func unplug(_ busID: String) async {
        let channels = state.value.withLock { state in
            state.plugged[busID] = nil
            return state.connections.values.filter { $0.busID == busID }.map(\.channel)
        }
        for channel in channels {
            // Closed by the kernel in the same moment: what is wanted.
            try? await channel.close()
        }
    }

    /// Why connections were given up, oldest first: a stream that could not be followed.
    package var failures: [String] {
        state.value.withLock(\.failures)
    }

    /// What the listener and the connections share.
    private final class StateBox: Sendable {
        let value = Mutex(State())
    }

    /// Joins a socket to its session.
    private final class ConnectionHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let state: StateBox
        private var session: USBIPSession?

        init(state: StateBox) {
            self.state = state
        }

        func channelActive(context: ChannelHandlerContext) {
            let channel = context.channel
            session = state.value.withLock { state in
                state.connections[ObjectIdentifier(channel)] = Connection(channel: channel)
                return USBIPSession(plugged: state.plugged)
            }
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard var session else { return }
            self.session = nil
            do throws(USBIPError) {
                let output = try session.receive(unwrapInboundIn(data), at: .now)
                let channel = context.channel
                state.value.withLock { $0.connections[ObjectIdentifier(channel)]?.busID = session.busID }
                if !output.isEmpty {
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: output)), promise: nil)
                }
                if session.isOver { return context.close(promise: nil) }
            } catch {
                state.value.withLock { $0.failures.append("\(error)") }
                return context.close(promise: nil)
            }
            self.session = session
        }

        func channelInactive(context: ChannelHandlerContext) {
            let channel = context.channel
            state.value.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // A kernel that vanishes with its machine resets the connection; channelInactive follows.
            context.close(promise: nil)
        }
    }
}
