// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Synchronization

/// A log that keeps its lines.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    /// The lines so far, each with its level.
    var all: [String] { lines.withLock { $0 } }

    /// A logger that writes here, from info on.
    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self) }
        logger.logLevel = .info
        return logger
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }
}
