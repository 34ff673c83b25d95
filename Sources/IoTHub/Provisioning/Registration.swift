// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StrictJSON

/// One registration with DPS: what was asked, what is due (protocol reference 11.2 to 11.4).
struct Registration: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What is waited for.
    enum Step: Equatable, Sendable {
        case idle
        case asked(requestID: String, until: Instant)
        case pausing(until: Instant)
    }

    var step = Step.idle
    /// Given by the first answer; polls carry it.
    var operationID: String?
    /// Throttled or failed answers in a row.
    var failures = 0
    /// When the whole attempt is given up.
    var until: Instant?

    /// When something is due.
    var deadline: Instant? {
        switch step {
        case .idle: until
        case .asked(_, let due), .pausing(let due): until.map { min($0, due) } ?? due
        }
    }
}

/// An answer of DPS.
struct RegistrationAnswer: Equatable, Sendable {
    var status: Int
    var retryAfter: Int?
    var payload: [UInt8]

    /// The wait that the service asked for, limited to 1…300 s as Microsoft's clients do.
    var pause: Duration? {
        retryAfter.map { .seconds(min(max($0, 1), 300)) }
    }

    /// What the answer means.
    enum Meaning: Equatable, Sendable {
        case assigning(operationID: String?)
        case assigned(hub: String, deviceID: String)
        /// Throttled or a failure of the service: the same step again.
        case busy
        /// The same request will fail again; one sentence that says what to do.
        case refused(String)
    }

    var meaning: Meaning {
        switch status {
        case 200..<300: final
        case 429, 500...: .busy
        default: .refused(Self.advice(status: status) + ServiceErrorBody(payload).suffix + ".")
        }
    }

    private var final: Meaning {
        guard let body = try? JSONValue(parsing: payload), let word = body["status"]?.stringValue else {
            return .refused("The provisioning service sent an answer that cannot be read; check its address.")
        }
        let state = body["registrationState"]
        switch word {
        case "assigning": return .assigning(operationID: body["operationId"]?.stringValue)
        case "assigned":
            guard let hub = state?["assignedHub"]?.stringValue, let device = state?["deviceId"]?.stringValue
            else {
                return .refused(
                    "The provisioning service assigned no hub or device id; check the enrollment.")
            }
            return .assigned(hub: hub, deviceID: device)
        case "failed": return .refused(Self.failure(state))
        case "disabled", "blacklisted":
            return .refused(
                "The enrollment of this device is disabled; enable it at the provisioning service.")
        case "unassigned":
            return .refused(
                "The provisioning service left the device without a hub; check the enrollment's allocation policy."
            )
        default:
            return .refused(
                "The provisioning service answered with the unknown status \"\(IdentityRules.printable(word))\"; "
                    + "check its address.")
        }
    }

    private static func failure(_ state: JSONValue?) -> String {
        let code = state?["errorCode"]?.intValue
        let advice =
            switch code {
            case 400208: "no hub is linked to the provisioning service; link one"
            case 400209: "the device waits for approval or is blocked; approve it"
            default: "check the enrollment at the provisioning service"
            }
        let number = code.map { "error \($0)" }
        let text = state?["errorMessage"]?.stringValue.map { "\"\(IdentityRules.printable($0))\"" }
        let details = [number, text].compactMap(\.self).joined(separator: ", ")
        return "The registration failed: \(advice)\(details.isEmpty ? "" : " (\(details))")."
    }

    private static func advice(status: Int) -> String {
        switch status {
        case 400: "The provisioning service rejected the request; check registration id and model id"
        case 401:
            "The provisioning service refused the credentials (401): unknown enrollment, wrong key or a wrong clock; "
                + "check id scope, registration id, the key and whether it is a device or a group key"
        case 403: "The provisioning service forbids the registration (403); check the enrollment and quotas"
        case 404:
            "The provisioning service does not know the id scope or the enrollment (404); check both"
        case 405, 412, 415: "The provisioning service rejected the request (\(status)); check its address"
        case 409: "The provisioning service has a conflicting registration (409); check the enrollment"
        default:
            "The provisioning service answered with status \(status); check its address and the enrollment"
        }
    }
}
