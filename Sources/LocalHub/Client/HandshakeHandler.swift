// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import NIOTLS

/// Tells when the TLS handshake of a channel is done, or why it is not.
final class HandshakeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let promise: EventLoopPromise<Void>
    private let deadline: Scheduled<Void>

    /// Succeeds once, or fails with the first error, the channel's end or the end of the limit.
    var completed: EventLoopFuture<Void> { promise.futureResult }

    init(eventLoop: any EventLoop, limit: TimeAmount) {
        let promise = eventLoop.makePromise(of: Void.self)
        self.promise = promise
        deadline = eventLoop.scheduleTask(in: limit) { promise.fail(ChannelError.connectTimeout(limit)) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            deadline.cancel()
            promise.succeed()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline.cancel()
        promise.fail(ChannelError.eof)
    }
}
