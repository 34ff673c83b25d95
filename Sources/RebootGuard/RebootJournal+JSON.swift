// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
package import StrictJSON

extension RebootJournal {
    private static let version: Int64 = 1

    /// The journal as it is kept; times in milliseconds.
    package var json: JSONValue {
        var value: JSONValue = [
            "version": .int(Self.version), "base": .int(base.milliseconds),
            "lastSeen": .int(lastSeen.milliseconds),
            "hasEnded": .bool(hasEnded), "isSafe": .bool(isSafe), "expectedBoots": .int(Int64(expectedBoots)),
            "unexpectedBoots": .int(Int64(unexpectedBoots)), "abruptBoots": .int(Int64(abruptBoots)),
            "reboots": .array(records.map(\.json)), "boots": .array(boots.map(\.json)),
        ]
        value["lostAt"] = lostAt.map { .int($0.milliseconds) }
        return value
    }

    /// Reads what ``json`` wrote; `nil` for anything else, also for times that cannot be: they would refuse reboots for ever.
    package init?(json: JSONValue) {
        guard json["version"]?.intValue == Self.version, let base = json.time("base"),
            let lastSeen = json.time("lastSeen"),
            let hasEnded = json["hasEnded"]?.boolValue, let isSafe = json["isSafe"]?.boolValue,
            let expected = json.count("expectedBoots"), let unexpected = json.count("unexpectedBoots"),
            let abrupt = json.count("abruptBoots"),
            let reboots = json["reboots"]?.arrayValue, let boots = json["boots"]?.arrayValue
        else { return nil }
        let records = reboots.compactMap(RebootRecord.init(json:))
        let starts = boots.compactMap(BootRecord.init(json:))
        guard records.count == reboots.count, starts.count == boots.count else { return nil }
        self.records = records.suffix(Self.mostRecords)
        self.boots = starts.suffix(Self.mostBoots)
        (self.base, self.lastSeen, self.hasEnded, self.isSafe) = (base, lastSeen, hasEnded, isSafe)
        (expectedBoots, unexpectedBoots, abruptBoots) = (expected, unexpected, abrupt)
        lostAt = json.time("lostAt")
        guard isPossible else { return nil }
    }

    /// Whether nothing happened after the time until which the machine is known to have run.
    private var isPossible: Bool {
        let now = base + lastSeen
        return (lostAt ?? .zero) <= now && boots.allSatisfy { $0.startedAt <= now }
            && records.allSatisfy { record in
                record.acceptedAt <= now && record.acceptedUptime <= record.acceptedAt
                    && (record.askedUptime ?? .zero) <= now && record.delay <= RebootLimits.longestDelay
            }
    }
}

extension RebootRecord {
    /// The record as it is kept.
    var json: JSONValue {
        var value: JSONValue = [
            "id": .string(id), "state": .string(state.rawValue), "origin": .string(origin.rawValue),
            "delay": .int(delay.milliseconds), "bootId": .string(bootID),
            "acceptedUptime": .int(acceptedUptime.milliseconds), "acceptedAt": .int(acceptedAt.milliseconds),
            "reason": .string(reason), "isAcknowledged": .bool(isAcknowledged),
        ]
        value["requestedWall"] = requestedWall.map { .int($0.millisecondsSince1970) }
        value["askedUptime"] = askedUptime.map { .int($0.milliseconds) }
        value["askedWall"] = askedWall.map { .int($0.millisecondsSince1970) }
        value["endedWall"] = endedWall.map { .int($0.millisecondsSince1970) }
        value["duration"] = duration.map { .int($0.milliseconds) }
        return value
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue,
            let state = json["state"]?.stringValue.flatMap(State.init(rawValue:)),
            let origin = json["origin"]?.stringValue.flatMap(Origin.init(rawValue:)),
            let delay = json.time("delay"), let bootID = json["bootId"]?.stringValue,
            let acceptedUptime = json.time("acceptedUptime"), let acceptedAt = json.time("acceptedAt"),
            let reason = json["reason"]?.stringValue,
            let isAcknowledged = json["isAcknowledged"]?.boolValue
        else { return nil }
        self.init(
            id: id, state: state, origin: origin, delay: delay, bootID: bootID,
            acceptedUptime: acceptedUptime,
            acceptedAt: acceptedAt, requestedWall: json.wall("requestedWall"),
            askedUptime: json.time("askedUptime"),
            askedWall: json.wall("askedWall"), endedWall: json.wall("endedWall"),
            duration: json.time("duration"),
            reason: reason, isAcknowledged: isAcknowledged)
    }
}

extension BootRecord {
    /// The record as it is kept.
    var json: JSONValue {
        var value: JSONValue = ["id": .string(id), "startedAt": .int(startedAt.milliseconds)]
        value["wall"] = wall.map { .int($0.millisecondsSince1970) }
        return value
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue, let startedAt = json.time("startedAt") else { return nil }
        self.init(id: id, startedAt: startedAt, wall: json.wall("wall"))
    }
}

extension JSONValue {
    fileprivate func time(_ name: String) -> Duration? {
        self[name]?.intValue.flatMap { $0 >= 0 ? .milliseconds($0) : nil }
    }

    fileprivate func wall(_ name: String) -> WallTime? {
        self[name]?.intValue.map { WallTime(millisecondsSince1970: $0) }
    }

    fileprivate func count(_ name: String) -> Int? {
        self[name]?.intValue.flatMap { $0 >= 0 ? Int(clamping: $0) : nil }
    }
}
