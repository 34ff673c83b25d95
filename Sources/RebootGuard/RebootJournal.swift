// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

/// What must outlive the machine's reboots: requests, boots and safe mode.
///
/// Time is kept as running time: the sum of the proven lengths of all boots. It never runs faster than real time, whatever
/// the wall clock does, so that no limit counted by it is ever exceeded; time without power does not count.
package struct RebootJournal: Sendable, Hashable {
    /// More than any limit counts.
    static let mostRecords = 32
    /// More than a boot loop needs.
    static let mostBoots = 8

    /// The requests, oldest first.
    package internal(set) var records: [RebootRecord] = []
    /// The last boots, oldest first; the last one is the present one.
    package internal(set) var boots: [BootRecord] = []
    /// Boots that were asked for.
    package internal(set) var expectedBoots = 0
    /// Boots that were not.
    package internal(set) var unexpectedBoots = 0
    /// Of those, the ones before which the agent had not ended in order: power loss, a watchdog, a crash.
    package internal(set) var abruptBoots = 0
    /// Running time of all boots before the present one.
    var base = Duration.zero
    /// The longest time since its start at which the present boot was seen.
    var lastSeen = Duration.zero
    /// Whether the agent has ended in order in the present boot.
    var hasEnded = false
    /// Whether safe mode is on.
    package internal(set) var isSafe = false
    /// When an earlier journal was lost, as running time.
    var lostAt: Duration?
    /// Whether that has to be noted at the start.
    var isAfterLoss = false

    /// Knows nothing.
    package init() {}

    /// Begins anew after an earlier journal was lost: no reboot on request for an hour of running time.
    package static var afterLoss: RebootJournal {
        var journal = RebootJournal()
        journal.isAfterLoss = true
        return journal
    }

    /// The last request.
    package var last: RebootRecord? { records.last }

    /// The running time at a time since the present boot's start.
    package func runningTime(at uptime: Duration) -> Duration { base + max(uptime, lastSeen) }

    /// Whether others would be told the same of both.
    func tellsTheSame(as other: RebootJournal) -> Bool {
        records == other.records && isSafe == other.isSafe && expectedBoots == other.expectedBoots
            && unexpectedBoots == other.unexpectedBoots && abruptBoots == other.abruptBoots
    }

    mutating func append(_ record: RebootRecord) {
        records.append(record)
        if records.count > Self.mostRecords { records.removeFirst(records.count - Self.mostRecords) }
    }

    mutating func append(_ boot: BootRecord) {
        boots.append(boot)
        if boots.count > Self.mostBoots { boots.removeFirst(boots.count - Self.mostBoots) }
    }

    mutating func change(_ id: String, _ body: (inout RebootRecord) -> Void) {
        guard let index = records.lastIndex(where: { $0.id == id }) else { return }
        body(&records[index])
    }

    /// Whether the last boots came so fast that something is wrong with the machine.
    ///
    /// - Parameter wall: the civil time, where it can be believed; it can only make boots older.
    func isLoop(at uptime: Duration, wall: WallTime?) -> Bool {
        let now = runningTime(at: uptime)
        let recent = boots.filter { boot in
            var age = now - boot.startedAt
            if let wall, let started = boot.wall {
                let (past, overflow) = wall.millisecondsSince1970.subtractingReportingOverflow(
                    started.millisecondsSince1970)
                if !overflow { age = max(age, .milliseconds(past)) }
            }
            return age <= RebootLimits.loopWindow
        }
        return recent.count >= RebootLimits.loopBoots
    }

    /// How long until fewer than `most` requests lie within `window`; `nil` where that is so now.
    func wait(for most: Int, within window: Duration, at uptime: Duration) -> Duration? {
        let now = runningTime(at: uptime)
        let ages = records.map { now - $0.acceptedAt }.filter { $0 < window }.sorted()
        guard most > 0 else { return window }
        return ages.count < most ? nil : window - ages[most - 1]
    }
}
