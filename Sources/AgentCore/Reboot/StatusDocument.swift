// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
import RebootGuard
import StrictJSON
import ThermostatControl

/// The root property `agentStatus`, which no model describes: what the model has no property for.
package enum StatusDocument {
    /// The root property's name.
    package static let name = "agentStatus"
    static let lastReboot = "lastReboot"
    /// The most faults that are told.
    static let mostFaults = 5

    /// The part about the last reboot on request; a member that is `null` is to be taken away.
    static func reboot(_ record: RebootRecord) -> JSONValue {
        func time(_ wall: WallTime?) -> JSONValue { wall.map { .string($0.rfc3339) } ?? .null }
        return [
            lastReboot: [
                "id": .string(record.id), "state": .string(record.state.rawValue),
                "origin": .string(record.origin.rawValue), "delay": .int(record.delay.wholeSeconds),
                "requested": time(record.requestedWall), "ended": time(record.endedWall),
                "duration": record.duration.map { .int($0.wholeSeconds) } ?? .null,
                "reason": record.reason.isEmpty ? .null : .string(record.reason),
            ]
        ]
    }

    /// The part about the machine's starts.
    static func boots(_ journal: RebootJournal) -> JSONValue {
        [
            "boots": [
                "expected": .int(Int64(journal.expectedBoots)),
                "unexpected": .int(Int64(journal.unexpectedBoots)),
                "abrupt": .int(Int64(journal.abruptBoots)), "safeMode": .bool(journal.isSafe),
            ]
        ]
    }

    /// The part about the last faults of all thermostats, newest first.
    static func faults(_ snapshots: [ThermostatSnapshot]) -> JSONValue {
        let all = snapshots.flatMap { snapshot in snapshot.faults.map { (snapshot.id, $0) } }
        let newest = all.sorted { $0.1.since.monotonic > $1.1.since.monotonic }.prefix(mostFaults)
        return ["faults": .array(newest.map { json($0, $1) })]
    }

    private static func json(_ id: ThermostatID, _ fault: Fault) -> JSONValue {
        func time(_ now: Now?) -> JSONValue? {
            now.flatMap { $0.wallIsTrusted ? $0.wall : nil }.map { .string($0.rfc3339) }
        }
        var json: JSONValue = [
            "thermostat": .string(id.rawValue), "code": .string(fault.code.rawValue),
            // A text of the kernel may be long, and a twin is small.
            "text": .string(String(fault.text.prefix(200))), "present": .bool(fault.clearedAt == nil),
        ]
        json["since"] = time(fault.since)
        json["cleared"] = time(fault.clearedAt)
        return json
    }

    /// The part about the life of the relays; hours are rounded to tenths.
    static func relays(_ snapshots: [ThermostatSnapshot]) -> JSONValue {
        var relays: [String: JSONValue] = [:]
        for snapshot in snapshots {
            guard let relay = snapshot.relay else { continue }
            relays[snapshot.id.rawValue] = [
                "cycles": .int(Int64(relay.cycles)),
                "onHours": .double((relay.onTime.seconds / 360).rounded() / 10),
            ]
        }
        // Where there is none, what an earlier configuration has left is to go.
        return ["relays": relays.isEmpty ? .null : .object(relays)]
    }
}
