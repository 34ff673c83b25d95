// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Counts billable messages of one UTC day; pure.
package struct BillableCounter: Sendable, Hashable {
    /// The day that the count is of, in days since 1970-01-01; `nil` before the clock was right.
    package private(set) var day: Int64?
    /// The messages of that day so far.
    package private(set) var used = 0

    /// Begins with nothing counted.
    package init() {}

    /// Goes on where an earlier run ended: its text is that of ``text``; anything else begins anew.
    package init(text: String) {
        let words = text.split(separator: " ")
        guard words.count == 2, let day = Int64(words[0]), let used = Int(words[1]), used >= 0 else { return }
        (self.day, self.used) = (day, used)
    }

    /// The count as one line to remember; `nil` before the clock was right.
    package var text: String? { day.map { "\($0) \(used)" } }

    /// Adds messages; with a clock that is not right (`nil`) they belong to the day before.
    package mutating func add(_ messages: Int, at wall: WallTime?) {
        roll(to: wall)
        let (sum, overflow) = used.addingReportingOverflow(max(0, messages))
        used = overflow ? .max : sum
    }

    /// Begins anew where a new day has begun.
    ///
    /// A clock that is set back keeps the count: the hub's day has not begun anew, and too much counted is safer than too
    /// little.
    package mutating func roll(to wall: WallTime?) {
        guard let wall else { return }
        let today = Self.day(of: wall)
        if let day, today > day { used = 0 }
        day = today
    }

    /// How long it is to the end of the UTC day; a whole day where the time is not known.
    package static func untilMidnight(_ wall: WallTime?) -> Duration {
        guard let wall else { return .milliseconds(dayLength) }
        let rest = wall.millisecondsSince1970 % dayLength
        return .milliseconds(dayLength - (rest < 0 ? rest + dayLength : rest))
    }

    private static let dayLength: Int64 = 86_400_000

    private static func day(of wall: WallTime) -> Int64 {
        let (quotient, rest) = wall.millisecondsSince1970.quotientAndRemainder(dividingBy: dayLength)
        return rest < 0 ? quotient - 1 : quotient
    }
}
