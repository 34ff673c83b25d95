// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Why a thermostat keeps its relay off, or what a person should look at.
package enum FaultCode: String, Sendable, Hashable, CaseIterable {
    /// No good sample for longer than allowed.
    case stale
    /// Several samples in a row failed.
    case sensorLost = "sensor-lost"
    /// Several samples in a row were outside what the site can have.
    case outOfRange = "out-of-range"
    /// The temperature jumped, and did not come back or settle.
    case implausibleRate = "implausible-rate"
    /// The value stood still to the last digit while the relay was on.
    case frozen
    /// The two sensors of the thermostat disagree.
    case sensorsDisagree = "sensors-disagree"
    /// The relay was on, and the temperature did not follow.
    case noEffect = "no-effect"
    /// The temperature moved on although the relay was off: a welded contact, perhaps.
    case runaway
    /// The line does not read back as it was set.
    case outputDisagrees = "output-disagrees"
    /// The line cannot be had, or not be driven.
    case outputUnavailable = "output-unavailable"
    /// The relay was on for the maximum time.
    case limit
    /// The second sensor gives no values, so that nothing checks the first.
    case secondSensorLost = "second-sensor-lost"
    /// Somebody or something keeps the relay off until a reset.
    case latchedOff = "latched-off"
}

extension FaultCode {
    /// What ends such a fault, for people: a clause after "it ends".
    package var ending: String {
        switch self {
        case .stale, .sensorLost, .outOfRange, .implausibleRate: "after 3 good samples in a row"
        case .frozen: "after 3 samples that differ from the one before"
        case .sensorsDisagree: "when both sensors agree again"
        case .noEffect:
            "when the temperature follows; with `lock-out-on-alarm` by `sensor-agent reset`"
        case .runaway: "when it has come back; with `lock-out-on-alarm` by `sensor-agent reset`"
        case .outputDisagrees, .latchedOff: "by `sensor-agent reset`"
        case .outputUnavailable: "when the line can be had and driven"
        case .limit: "with the next time on, after the lock-out"
        case .secondSensorLost: "after 3 good samples of it in a row"
        }
    }
}

/// One fault of a thermostat, present or past.
package struct Fault: Sendable, Hashable {
    /// What it is.
    package var code: FaultCode
    /// What was seen, a clause for people.
    package var text: String
    /// When it began.
    package var since: Now
    /// When it ended; `nil` while it lasts.
    package var clearedAt: Now?
    /// What ended it, a clause for people; empty while it lasts.
    package var clearedBy: String

    /// Begins a fault.
    package init(_ code: FaultCode, _ text: String, since: Now) {
        self.code = code
        self.text = text
        self.since = since
        clearedBy = ""
    }
}

/// The last faults of a thermostat, oldest first.
package struct FaultLog: Sendable, Hashable {
    /// How many are kept.
    package static let capacity = 32

    /// The faults, oldest first.
    package private(set) var faults: [Fault] = []

    /// Begins empty.
    package init() {}

    /// The faults that last, oldest first.
    package var present: [Fault] { faults.filter { $0.clearedAt == nil } }

    /// Whether a fault of that kind lasts.
    package func has(_ code: FaultCode) -> Bool { faults.contains { $0.code == code && $0.clearedAt == nil } }

    /// Notes a fault unless one of its kind lasts; returns whether it is new.
    ///
    /// The oldest past one makes room.
    @discardableResult
    package mutating func begin(_ code: FaultCode, at now: Now, _ text: String) -> Bool {
        guard !has(code) else { return false }
        if faults.count == Self.capacity {
            faults.remove(at: faults.firstIndex { $0.clearedAt != nil } ?? 0)
        }
        faults.append(Fault(code, text, since: now))
        return true
    }

    /// Ends the fault of that kind; returns whether there was one.
    @discardableResult
    package mutating func end(_ code: FaultCode, at now: Now, _ reason: String) -> Bool {
        guard let index = faults.firstIndex(where: { $0.code == code && $0.clearedAt == nil }) else {
            return false
        }
        faults[index].clearedAt = now
        faults[index].clearedBy = reason
        return true
    }
}
