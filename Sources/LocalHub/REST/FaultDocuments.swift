// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Fault {
    /// The fault for the control API; ``init(members:)`` reads the same form.
    var document: JSON {
        var members = kind.members
        members["deviceId"] = deviceId.map(JSON.string)
        members["count"] = count.map(JSON.integer)
        return .object(members)
    }

    /// Reads `kind` with its own members, and `deviceId` and `count`, both optional.
    ///
    /// Throws 400004, naming what is allowed, for anything else.
    init(members: [String: JSON]) throws(HubFailure) {
        let count = members["count"]?.integer
        guard count.map({ $0 > 0 }) ?? (members["count"] ?? .null == .null) else {
            throw .argumentInvalid(
                "count must be a whole number above 0; leave it out for \"until cleared\".")
        }
        self.init(try Kind(members: members), deviceId: members["deviceId"]?.string, count: count)
    }
}

extension Fault.Kind {
    /// Names of all kinds, as `kind` holds them.
    static let names = [
        "refuseConnect", "silentConnect", "dropAfterConnect", "dropOnTelemetry", "holdPubacks",
        "delayPubacks",
        "dropPubacks", "halfOpen", "silentPing", "wrongCertificate", "twinStatus", "twinSilence",
        "provisioningError", "provisioningSilence", "tokenCutShort", "sessionForgotten", "silentSubscribe",
    ]

    fileprivate var members: [String: JSON] {
        switch self {
        case .refuseConnect(let code): ["kind": "refuseConnect", "code": .integer(code)]
        case .silentConnect: ["kind": "silentConnect"]
        case .dropAfterConnect: ["kind": "dropAfterConnect"]
        case .dropOnTelemetry: ["kind": "dropOnTelemetry"]
        case .holdPubacks: ["kind": "holdPubacks"]
        case .delayPubacks(let delay): ["kind": "delayPubacks", "seconds": .number(delay.seconds)]
        case .dropPubacks(let interval): ["kind": "dropPubacks", "oneIn": .integer(interval)]
        case .halfOpen: ["kind": "halfOpen"]
        case .silentPing: ["kind": "silentPing"]
        case .wrongCertificate(let problem):
            ["kind": "wrongCertificate", "problem": .string(problem.rawValue)]
        case .twinStatus(let operation, let status):
            ["kind": "twinStatus", "operation": .string(operation.rawValue), "status": .integer(status)]
        case .twinSilence(let operation):
            ["kind": "twinSilence", "operation": .string(operation.rawValue)]
        case .provisioningError(let step, let code, let retryAfter):
            [
                "kind": "provisioningError", "step": .string(step.rawValue), "code": .integer(code),
                "retryAfter": retryAfter.map(JSON.integer) ?? .null,
            ]
        case .provisioningSilence(let step):
            ["kind": "provisioningSilence", "step": .string(step.rawValue)]
        case .tokenCutShort(let lifetime):
            ["kind": "tokenCutShort", "seconds": .number(lifetime.seconds)]
        case .sessionForgotten: ["kind": "sessionForgotten"]
        case .silentSubscribe: ["kind": "silentSubscribe"]
        }
    }

    fileprivate init(members: [String: JSON]) throws(HubFailure) {
        let read = FaultMembers(members: members)
        switch members["kind"]?.string ?? "" {
        case "refuseConnect": self = .refuseConnect(code: try read.number("code", in: 1...5))
        case "silentConnect": self = .silentConnect
        case "dropAfterConnect": self = .dropAfterConnect
        case "dropOnTelemetry": self = .dropOnTelemetry
        case "holdPubacks": self = .holdPubacks
        case "delayPubacks": self = .delayPubacks(try read.seconds())
        case "dropPubacks":
            let isGiven = members["oneIn"].map { $0 != .null } ?? false
            self = .dropPubacks(oneIn: isGiven ? try read.number("oneIn", in: 1...1_000_000) : 1)
        case "halfOpen": self = .halfOpen
        case "silentPing": self = .silentPing
        case "wrongCertificate": self = .wrongCertificate(try read.choice("problem"))
        case "twinStatus":
            self = .twinStatus(try read.choice("operation"), status: try read.number("status", in: 400...599))
        case "twinSilence": self = .twinSilence(try read.choice("operation"))
        case "provisioningError":
            self = .provisioningError(
                try read.choice("step"), code: try read.number("code", in: 400_000...599_999),
                retryAfter: members["retryAfter"]?.integer)
        case "provisioningSilence": self = .provisioningSilence(try read.choice("step"))
        case "tokenCutShort": self = .tokenCutShort(try read.seconds())
        case "sessionForgotten": self = .sessionForgotten
        case "silentSubscribe": self = .silentSubscribe
        case let other:
            throw .argumentInvalid(
                "There is no fault \"\(other)\". Use one of: \(Self.names.joined(separator: ", ")).")
        }
    }
}

/// Reads the members that belong to one kind of fault.
private struct FaultMembers {
    let members: [String: JSON]

    func number(_ name: String, in range: ClosedRange<Int>) throws(HubFailure) -> Int {
        guard let value = members[name]?.integer, range.contains(value) else {
            throw .argumentInvalid(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    func seconds() throws(HubFailure) -> Duration {
        guard let value = members["seconds"]?.double, (0...86_400).contains(value) else {
            throw .argumentInvalid("seconds must be a number from 0 to 86400.")
        }
        return .seconds(value)
    }

    func choice<Choice>(_ name: String) throws(HubFailure) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let choice = members[name]?.string.flatMap(Choice.init) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .argumentInvalid("\(name) must be one of: \(choices).")
        }
        return choice
    }
}
