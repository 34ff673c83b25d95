// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StrictJSON

extension TwinDocument {
    /// Reads the body of a twin answer (protocol reference 8.2); `nil` where it is not one.
    init?(parsing payload: [UInt8]) {
        guard let value = try? JSONValue(parsing: payload), let desired = value["desired"]?.objectValue,
            let version = desired["$version"]?.intValue
        else { return nil }
        let reported = value["reported"]?.objectValue ?? [:]
        self.init(
            desired: desired.withoutMarks, desiredVersion: version,
            reported: reported.withoutMarks, reportedVersion: reported["$version"]?.intValue ?? 0)
    }
}

extension DesiredPatch {
    /// Reads a notification (protocol reference 8.4); `nil` where it is no object or has no version.
    init?(parsing payload: [UInt8], topicVersion: Int64?) {
        guard let members = (try? JSONValue(parsing: payload))?.objectValue,
            let version = topicVersion ?? members["$version"]?.intValue
        else { return nil }
        self.init(version: version, changes: members.withoutMarks)
    }
}

extension [String: JSONValue] {
    /// Without `$version` and `$metadata`, which are never properties.
    fileprivate var withoutMarks: [String: JSONValue] { filter { !$0.key.hasPrefix("$") } }
}

/// The error body of the services, as far as people need it.
struct ServiceErrorBody {
    private var text: String

    /// Reads `payload`; anything that is not such a body gives an empty text.
    init(_ payload: [UInt8]) {
        let value = try? JSONValue(parsing: payload)
        var parts: [String] = []
        if let code = value?["errorCode"]?.intValue { parts.append("error \(code)") }
        if let message = value?["message"]?.stringValue, !message.isEmpty {
            parts.append("\"\(IdentityRules.printable(message))\"")
        }
        if let tracking = value?["trackingId"]?.stringValue, !tracking.isEmpty {
            parts.append("tracking id \(IdentityRules.printable(tracking))")
        }
        text = parts.joined(separator: ", ")
    }

    /// ` (error 401002, "…", tracking id …)` or nothing.
    var suffix: String { text.isEmpty ? "" : " (\(text))" }
}
