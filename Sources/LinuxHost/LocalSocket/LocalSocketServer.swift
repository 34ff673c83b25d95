// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc
import Synchronization

/// Takes lines from clients on a Unix socket and sends lines back; what they mean is its owner's affair.
///
/// One thread waits for everything in one `poll`. Nothing of a client can hold it up: what a client sends and what it
/// does not fetch is bounded, and one that does nothing is given up.
package final class LocalSocketServer: Sendable {
    /// What clients may cost.
    package struct Limits: Sendable {
        /// Clients at a time.
        package var clients = 8
        /// Bytes of a request.
        package var lineLength = 16_384
        /// Bytes of answers that a client has not fetched.
        package var unsentBytes = 1 << 20
        /// How long a client may take to send a request, or to fetch a piece of its answer.
        package var patience = Duration.seconds(10)

        /// The usual limits.
        package init() {}
    }

    /// The lines for what never reaches the owner.
    package struct Refusals: Sendable {
        /// There are too many clients already.
        package var busy: [UInt8]
        /// The request is longer than any may be.
        package var tooLong: [UInt8]

        /// Names the lines.
        package init(busy: [UInt8], tooLong: [UInt8]) {
            self.busy = busy
            self.tooLong = tooLong
        }
    }

    /// Answers one request by calling `send` for each line, without its end; cancelled when the client goes.
    package typealias Answer =
        @Sendable (_ request: [UInt8], _ send: @escaping @Sendable ([UInt8]) -> Void) async -> Void

    /// The socket's path.
    package let path: String
    let limits: Limits
    let refusals: Refusals
    let answer: Answer
    let executor: (any TaskExecutor)?
    let mailbox: LocalSocketMailbox
    private let listener: Mutex<LocalSocketListener?>

    /// Makes the socket in `directory`; nobody is answered before ``run()``.
    ///
    /// Answers are made on `executor`, without one on the shared pool.
    package init(
        directory: String, limits: Limits = Limits(), refusals: Refusals,
        executor: (any TaskExecutor)? = nil, answer: @escaping Answer
    ) throws(LocalSocketFailure) {
        let listener = try LocalSocketListener(directory: directory)
        path = directory + "/" + LocalSocketListener.name
        do throws(HostError) {
            mailbox = try LocalSocketMailbox()
        } catch {
            throw .system(error)
        }
        self.listener = Mutex(listener)
        self.limits = limits
        self.refusals = refusals
        self.executor = executor
        self.answer = answer
    }

    /// Answers clients until ``stop()`` or until the task is cancelled; then the socket is removed.
    ///
    /// To be called once; throws where no thread can be had.
    package func run() async throws(HostError) {
        let (ended, feed) = AsyncStream<Void>.makeStream()
        try HostThread.start { [self] in
            serve()
            feed.finish()
        }
        // Also a cancelled task waits until the socket is gone, which takes no time.
        await withTaskCancellationHandler {
            await Task { for await _ in ended {} }.value
        } onCancel: {
            stop()
        }
    }

    /// The server's thread; the socket goes with the loop.
    private func serve() {
        guard let listener = listener.withLock({ $0.take() }) else { return }
        var loop = LocalSocketLoop(server: self, listener: listener)
        loop.run()
    }

    /// Ends ``run()``; requests that are being answered are cancelled.
    package func stop() { mailbox.post(.stop) }
}

/// What other threads tell the server's thread.
final class LocalSocketMailbox: Sendable {
    /// One message; numbers are those of connections.
    enum Message: Sendable {
        case line(Int, [UInt8])
        case finished(Int)
        case stop
    }

    /// Readable while a message waits.
    let wake: CInt
    private let messages = Mutex<[Message]>([])

    init() throws(HostError) {
        wake = clinuxhost_open_wake()
        guard wake >= 0 else { throw HostError("eventfd", errno: errno) }
    }

    deinit { close(wake) }

    /// Leaves a message, from any thread.
    func post(_ message: Message) {
        messages.withLock { $0.append(message) }
        clinuxhost_wake(wake)
    }

    /// Takes all messages out, in order.
    func take() -> [Message] {
        var count: UInt64 = 0
        _ = read(wake, &count, MemoryLayout<UInt64>.size)
        return messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
