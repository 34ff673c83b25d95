// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import StrictJSON
package import ThermostatControl

/// A fault of a thermostat, present or past, as other programs get it.
package struct FaultReport: Sendable, Hashable {
    /// What it is.
    package var code: FaultCode
    /// What was seen, a clause for people.
    package var text: String
    /// How long ago it began.
    package var age: Duration
    /// When it began, in civil time; `nil` where the clock was not set then.
    package var since: String?
    /// How long ago it ended; `nil` while it lasts.
    package var clearedAge: Duration?
    /// What ended it, a clause for people; empty while it lasts.
    package var clearedBy: String

    /// Whether it lasts.
    package var isPresent: Bool { clearedAge == nil }

    /// Tells a fault at `now`.
    package init(_ fault: Fault, at now: Now) {
        code = fault.code
        text = fault.text
        age = max(.zero, fault.since.monotonic.duration(to: now.monotonic))
        since = fault.since.wallIsTrusted ? fault.since.wall?.rfc3339 : nil
        clearedAge = fault.clearedAt.map { max(.zero, $0.monotonic.duration(to: now.monotonic)) }
        clearedBy = fault.clearedBy
    }
}

extension FaultReport {
    /// The fault as scripts and the local socket see it; times are in seconds.
    package var json: JSONValue {
        var json: JSONValue = [
            "code": .string(code.rawValue), "text": .string(text), "age": age.json,
            "present": .bool(isPresent),
        ]
        json["since"] = since.map(JSONValue.string)
        json["clearedAge"] = clearedAge?.json
        if !isPresent { json["clearedBy"] = .string(clearedBy) }
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.stringValue.flatMap(FaultCode.init),
            let text = json["text"]?.stringValue, let age = Duration(json: json["age"]),
            let isPresent = json["present"]?.boolValue
        else { return nil }
        self.code = code
        self.text = text
        self.age = age
        since = json["since"]?.stringValue
        clearedAge = Duration(json: json["clearedAge"])
        clearedBy = json["clearedBy"]?.stringValue ?? ""
        guard isPresent == self.isPresent else { return nil }
    }
}
