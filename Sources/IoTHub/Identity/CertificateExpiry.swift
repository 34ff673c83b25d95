// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// Decides what there is to say about a certificate's validity, and when to say it again.
package struct CertificateExpiry: Sendable {
    /// How long before its end a certificate is warned about.
    package static let notice = Duration.seconds(30 * 86_400)
    /// How long until the same is said again.
    package static let interval = Duration.seconds(86_400)

    /// Where a certificate stands.
    package enum Standing: Sendable, Hashable {
        case valid
        /// Within ``CertificateExpiry/notice``; whole days that are left.
        case expiresSoon(days: Int)
        case expired
        case notYetValid
    }

    /// Something to say.
    package struct Remark: Sendable, Hashable {
        /// Whether the hub will refuse the certificate now.
        package var isError: Bool
        /// Whether something has to be done soon; of the rest only that all is well again is said.
        package var isWarning: Bool
        /// A full sentence that ends with what to do.
        package var text: String
    }

    private var said: (standing: Standing, at: ContinuousClock.Instant)?

    /// Nothing was said yet.
    package init() {}

    /// Where `facts` stand at `wall`.
    package static func standing(of facts: CertificateFacts, at wall: WallTime) -> Standing {
        if wall < facts.notBefore { return .notYetValid }
        if wall > facts.notAfter { return .expired }
        let left = facts.notAfter.millisecondsSince1970 - wall.millisecondsSince1970
        return left < notice.milliseconds ? .expiresSoon(days: Int(left / 86_400_000)) : .valid
    }

    /// What is to be said now: a new standing at once, one that lasts once a day, a good one only after another.
    ///
    /// With a clock that cannot be believed, nothing.
    package mutating func look(at facts: CertificateFacts, now: Now) -> Remark? {
        guard let wall = now.wall, now.wallIsTrusted else { return nil }
        let standing = Self.standing(of: facts, at: wall)
        if let said, Self.isSame(said.standing, standing),
            standing == .valid || now.monotonic < said.at.advanced(by: Self.interval)
        {
            return nil
        }
        let isFirst = said == nil
        said = (standing, now.monotonic)
        return isFirst && standing == .valid ? nil : Self.remark(standing, facts)
    }

    /// The same kind of standing, whatever the days.
    private static func isSame(_ one: Standing, _ other: Standing) -> Bool {
        switch (one, other) {
        case (.expiresSoon, .expiresSoon): true
        default: one == other
        }
    }

    /// The sentence for a standing.
    package static func remark(_ standing: Standing, _ facts: CertificateFacts) -> Remark {
        let end = facts.notAfter.rfc3339.prefix(10)
        return switch standing {
        case .valid:
            Remark(isError: false, isWarning: false, text: "The device's certificate is valid until \(end).")
        case .expiresSoon(let days):
            Remark(
                isError: false, isWarning: true,
                text:
                    "The device's certificate expires \(inWords(days)), on \(end). Renew it: the new files are "
                    + "used from the next connection on.")
        case .expired:
            Remark(
                isError: true, isWarning: true,
                text:
                    "The device's certificate expired on \(end), and the hub will refuse it. Renew it: the new "
                    + "files are used from the next connection on.")
        case .notYetValid:
            Remark(
                isError: true, isWarning: true,
                text: "The device's certificate is not valid before \(facts.notBefore.rfc3339). Check this "
                    + "machine's clock, or have the certificate issued anew.")
        }
    }

    private static func inWords(_ days: Int) -> String {
        switch days {
        case 0: "within a day"
        case 1: "in 1 day"
        default: "in \(days) days"
        }
    }
}
