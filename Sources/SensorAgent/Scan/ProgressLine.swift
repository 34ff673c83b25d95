// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Glibc
import Synchronization

/// One line that says how far a slow scan has come.
struct ProgressLine {
    /// A scan that takes less shows nothing.
    static let patience = Duration.seconds(1)
    /// The shortest time between two changes of the line.
    static let pace = Duration.milliseconds(200)

    private var done: [String: Int] = [:]
    private var shownAt: Duration?

    /// The line after a step, `elapsed` since the scan began; `nil` where it stays as it is.
    ///
    /// It names the adapter that is furthest behind, because the scan waits for that one.
    mutating func text(after step: Scanner.Progress, elapsed: Duration) -> String? {
        done[step.deviceFile] = step.done < step.total ? step.done : nil
        guard elapsed >= Self.patience, elapsed - (shownAt ?? .zero) >= Self.pace,
            let last = done.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })
        else { return nil }
        shownAt = elapsed
        return "Scanning \(last.key): \(last.value) of \(step.total) addresses"
    }

    /// Keeps the line on the terminal, where standard error is one.
    final class Display: Sendable {
        private let isTerminal = isatty(STDERR_FILENO) == 1
        private let start = ContinuousClock.now
        private let state = Mutex((line: ProgressLine(), isShown: false))

        /// Takes a step, from any thread.
        func show(_ step: Scanner.Progress) {
            guard isTerminal else { return }
            let elapsed = start.duration(to: .now)
            state.withLock { state in
                guard let text = state.line.text(after: step, elapsed: elapsed) else { return }
                state.isShown = true
                Self.write("\r\(text)\u{1B}[K")
            }
        }

        /// Takes the line away.
        func clear() {
            state.withLock { state in
                if state.isShown { Self.write("\r\u{1B}[K") }
                state.isShown = false
            }
        }

        private static func write(_ text: String) {
            let bytes = Array(text.utf8)
            // A terminal that takes no more misses a number, which the next one replaces.
            _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        }
    }
}
