// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities

/// Writes log lines to standard error: with a time for people, with a priority for the journal.
struct ConsoleLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Whether standard error goes to the journal, which adds the time and wants a priority (sd-daemon(3)).
    let isJournal: Bool
    let time: any TimeSource

    init(logLevel: Logger.Level, isJournal: Bool, time: any TimeSource) {
        self.logLevel = logLevel
        self.isJournal = isJournal
        self.time = time
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = Self.oneLine(event.message.description)
        guard !isJournal else {
            StandardError.write("<\(Self.priority(event.level))>\(line)")
            return
        }
        let stamp = time.now().wall?.rfc3339 ?? "-"
        let level = event.level.rawValue
        StandardError.write(
            "\(stamp) \(level)\(String(repeating: " ", count: max(1, 9 - level.count)))\(line)")
    }

    /// A message with a line break could pass for two, the second with a priority of its own choice.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
