// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StrictJSON

extension MessageAccount.Statement {
    /// The account as scripts and the local socket see it.
    var json: JSONValue {
        var json: JSONValue = [
            "used": .int(Int64(used)), "slowed": .bool(isSlowed), "skipped": .int(Int64(skipped)),
        ]
        json["limit"] = limit.map { .int(Int64($0)) }
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue?) {
        guard let used = json?["used"]?.intValue, let isSlowed = json?["slowed"]?.boolValue,
            let skipped = json?["skipped"]?.intValue
        else { return nil }
        self.init(
            used: Int(clamping: used), limit: (json?["limit"]?.intValue).map { Int(clamping: $0) },
            isSlowed: isSlowed, skipped: Int(clamping: skipped))
    }
}
