// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities

/// What is said of one look at the clock after the other; pure.
struct ClockReport {
    /// A token's margin before its expiry covers less; the connection has to know of more.
    static let farStep = Duration.seconds(60)

    private var last: ClockVerdict?
    /// Whether the last look was at a clock that has just become right, or was set far and is right.
    private(set) var wasSet = false

    /// The lines for the log, in order; nothing where nothing changed but the time.
    mutating func lines(for look: JudgedClock.Look) -> [(level: Logger.Level, text: String)] {
        let isFar = look.step >= Self.farStep || look.step <= .zero - Self.farStep
        let becameRight = last.map { !$0.isTrusted } ?? false
        wasSet = look.verdict.isTrusted && (isFar || becameRight)
        var lines: [(level: Logger.Level, text: String)] = []
        if isFar {
            let (direction, length) =
                look.step < .zero ? ("back", .zero - look.step) : ("forward", look.step)
            lines.append((.notice, "The clock was set \(direction) by \(length.inRoughWords)."))
        }
        let changed = last.map { !$0.isLike(look.verdict) } ?? true
        last = look.verdict
        guard changed else { return lines }
        let sentence = look.verdict.sentence
        switch look.verdict {
        case .sure: lines.append((becameRight ? .notice : .info, sentence))
        case .estimated: lines.append((.notice, sentence))
        case .doubtful:
            lines.append(
                (.warning, "\(sentence) Until then no connection is begun; measuring and control go on."))
        }
        return lines
    }
}

extension ClockVerdict {
    /// Whether it says the same, apart from the times in it.
    fileprivate func isLike(_ other: ClockVerdict) -> Bool {
        switch (self, other) {
        case (.doubtful(.beforeBuild), .doubtful(.beforeBuild)),
            (.doubtful(.beforeLastKnown), .doubtful(.beforeLastKnown)),
            (.doubtful(.awaitingTimeService), .doubtful(.awaitingTimeService)):
            true
        default: self == other
        }
    }
}

extension Duration {
    /// The largest unit that fits, for people.
    fileprivate var inRoughWords: String {
        let seconds = components.seconds
        return switch seconds {
        case 172_800...: "\((seconds + 43_200) / 86_400) days"
        case 7_200...: "\((seconds + 1_800) / 3_600) hours"
        case 120...: "\((seconds + 30) / 60) minutes"
        default: "\(seconds) seconds"
        }
    }
}
