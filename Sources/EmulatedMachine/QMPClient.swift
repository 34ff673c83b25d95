// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// QEMU's monitor: commands in, answers and events out.
final class QMPClient: Sendable {
    private let socket: LineSocket
    private let messages: Journal<QMPMessage>
    private let nextID = Mutex(1)

    /// Listens for QEMU at `path`.
    init(at path: String) async throws {
        let messages = Journal<QMPMessage>()
        self.messages = messages
        socket = try await LineSocket.listen(
            at: path,
            onLine: { line in
                if let message = QMPMessage(line) { messages.append(message) }
            },
            onEnd: { messages.finish(throwing: Closed()) })
    }

    /// Why nothing more comes: QEMU closed its monitor.
    struct Closed: Error {}

    /// Waits for the greeting and negotiates.
    func open() async throws {
        _ = try await messages.first { $0 == .greeting ? true : nil }
        try await execute(.negotiate)
    }

    /// Runs a command and waits for its answer.
    func execute(_ command: QMPCommand) async throws {
        let id = nextID.withLock { next in
            defer { next += 1 }
            return next
        }
        try await socket.send(command.line(id: id))
        let failure = try await messages.first { message -> String?? in
            switch message {
            case .success(id): .some(nil)
            case .failure(id, let reason): .some(reason)
            default: nil
            }
        }.found
        if let failure { throw EmulatedMachineError.refused(command.name, failure) }
    }

    /// How often the guest has reset the machine so far: the RESET events that it caused.
    ///
    /// One reboot may cause several, for a kernel asks until it happens.
    var guestResets: Int {
        messages.entries.count { $0 == .event("RESET", reason: "guest-reset") }
    }

    /// The reason of the SHUTDOWN event, once QEMU has closed the monitor.
    func shutdownReason() async throws -> String? {
        _ = try await messages.end()
        return messages.entries.lazy.compactMap { message -> String? in
            guard case .event("SHUTDOWN", let reason) = message else { return nil }
            return reason
        }.first
    }

    /// Ends the connection.
    func close() async {
        await socket.close(because: Closed())
        messages.finish(throwing: Closed())
    }
}
