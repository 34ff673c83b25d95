// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Glibc

/// Asks the machine for a reboot; every call waits on a thread of its own.
package enum PowerControl: Sendable, Hashable {
    /// systemd-logind, over the system bus or the one that `DBUS_SYSTEM_BUS_ADDRESS` names.
    case logind
    /// A program with its arguments.
    case command([String])

    /// What comes of asking.
    package enum News: Sendable, Hashable {
        /// It does not come, for a reason that is a clause for people.
        case refused(String)
        /// The machine goes down.
        case goingDown
    }

    /// How long logind is listened to for the sign that the machine goes down.
    static let patience: UInt64 = 60_000_000

    /// Who keeps the machine from shutting down, or why it cannot be asked; `nil` where nothing is known against it.
    package func inhibitor() async -> String? {
        guard self == .logind else { return nil }
        return await Self.onThread {
            withText { text, size in
                guard let connection = logind_open(text, size) else { return true }
                defer { logind_close(connection) }
                return logind_inhibitor(connection, text, size) != 0
            }
        }
    }

    /// Asks for a reboot and tells what comes of it.
    ///
    /// A program that ends well, or is killed, says nothing: only a shutdown proves a shutdown.
    package func reboot() -> AsyncStream<News> {
        let (stream, feed) = AsyncStream<News>.makeStream()
        do throws(HostError) {
            try HostThread.start {
                switch self {
                case .logind: Self.askLogind { feed.yield($0) }
                case .command(let words):
                    if let problem = ChildProgram.problem(of: words) { feed.yield(.refused(problem)) }
                }
                feed.finish()
            }
        } catch {
            feed.yield(.refused("\(error)"))
            feed.finish()
        }
        return stream
    }

    private static func askLogind(_ tell: (News) -> Void) {
        var isGoingDown = false
        let problem = withText { text, size in
            guard let connection = logind_open(text, size) else { return true }
            defer { logind_close(connection) }
            guard logind_reboot(connection, text, size) == 0 else { return true }
            isGoingDown = logind_wait(connection, patience) == 1
            return false
        }
        if let problem { tell(.refused(problem)) } else if isGoingDown { tell(.goingDown) }
    }

    private static func onThread(_ body: @escaping @Sendable () -> String?) async -> String? {
        await withCheckedContinuation { continuation in
            do throws(HostError) {
                try HostThread.start { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(returning: "\(error)")
            }
        }
    }
}

/// What `body` wrote into its text, where it returns that it did; `nil` otherwise.
private func withText(_ body: (UnsafeMutablePointer<CChar>, Int) -> Bool) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        buffer.initialize(repeating: 0)
        guard let text = buffer.baseAddress, body(text, buffer.count) else { return nil }
        return String(cString: text)
    }
}
