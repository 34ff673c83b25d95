// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
import StrictJSON

extension AgentStatus {
    /// Whether the machine's clock is right.
    package struct Clock: Sendable, Hashable {
        /// Whether dates and connections go by it.
        package var isTrusted: Bool
        /// Whether nobody vouches for it, so that dates may be wrong.
        package var isEstimated: Bool
        /// Why, and what to do where it is wrong.
        package var text: String

        /// Tells a verdict.
        package init(_ verdict: ClockVerdict) {
            isTrusted = verdict.isTrusted
            isEstimated = verdict.isEstimated
            text = verdict.sentence
        }
    }
}

extension AgentStatus.Clock {
    /// The clock as scripts and the local socket see it.
    var json: JSONValue {
        ["trusted": .bool(isTrusted), "estimated": .bool(isEstimated), "text": .string(text)]
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue?) {
        guard let isTrusted = json?["trusted"]?.boolValue, let isEstimated = json?["estimated"]?.boolValue,
            let text = json?["text"]?.stringValue
        else { return nil }
        self.isTrusted = isTrusted
        self.isEstimated = isEstimated
        self.text = text
    }
}
