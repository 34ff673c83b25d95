// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Quantities
import StrictJSON

extension AgentStatus {
    /// The certificate that proves the device.
    package struct Certificate: Sendable, Hashable {
        /// When it expires; `nil` where it cannot be read.
        package var expires: WallTime?
        /// How it stands, a sentence for people that ends with what to do where something has to be done.
        package var text: String

        /// Tells what is wrong with the files.
        package init(problem: String) { text = problem }

        /// Judges a certificate at `now`.
        package init(_ facts: CertificateFacts, at now: Now) {
            expires = facts.notAfter
            if let wall = now.wall, now.wallIsTrusted {
                text = CertificateExpiry.remark(CertificateExpiry.standing(of: facts, at: wall), facts).text
            } else {
                text =
                    "The device's certificate expires on \(facts.notAfter.rfc3339.prefix(10)); the clock is not right yet."
            }
        }
    }
}

extension AgentStatus.Certificate {
    /// The certificate as scripts and the local socket see it.
    var json: JSONValue {
        var json: JSONValue = ["text": .string(text)]
        json["expires"] = expires.map { .string($0.rfc3339) }
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    init?(json: JSONValue?) {
        guard let text = json?["text"]?.stringValue else { return nil }
        self.init(problem: text)
        expires = json?["expires"]?.stringValue.flatMap { WallTime(rfc3339: $0) }
    }
}
