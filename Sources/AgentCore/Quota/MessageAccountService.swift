// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import Quantities
import ThreadExecutor

/// Remembers the count of the day's messages over restarts.
package struct MessageAccountService: Service {
    /// Between writes, which spare the card; a crash forgets what was counted since.
    static let keeping = Duration.seconds(600)

    private let account: MessageAccount
    private let time: any TimeSource
    private let log: Logger
    private let keep: @Sendable (String) -> String?
    private let thread = BlockingThread(name: "messages")

    /// Makes the service; `keep` remembers a line, and tells what went wrong, or `nil`.
    package init(
        _ account: MessageAccount, time: any TimeSource, log: Logger,
        keep: @escaping @Sendable (String) -> String?
    ) {
        self.account = account
        self.time = time
        self.log = log
        self.keep = keep
    }

    /// Writes now and then until the program ends, and then once more; a disk that hangs is left behind.
    package func run(until end: Ending) async {
        let writing = Task { await write() }
        await end.wait()
        writing.cancel()
        await limited(to: .seconds(1), time) { await writing.value }
    }

    private func write() async {
        // A day without a limit needs no memory.
        guard account.statement.limit != nil else { return }
        var hasFailed = false
        while !Task.isCancelled {
            try? await time.sleep(for: Self.keeping)
            guard let text = account.unsaved() else { continue }
            let failure = await thread.run { keep(text) }
            if let failure, !hasFailed {
                log.warning("The count of messages cannot be remembered: \(failure)")
            }
            hasFailed = failure != nil
        }
    }
}
