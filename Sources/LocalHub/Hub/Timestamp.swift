// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

public import Foundation

/// Writes points in time as the service does.
public enum Timestamp {
    /// What the service writes for "never".
    public static let never = "0001-01-01T00:00:00Z"

    /// ISO 8601 in UTC with milliseconds, or `never` for nil.
    public static func text(_ date: Date?) -> String {
        guard let date else { return never }
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// `hh:mm:ss` as .NET writes time spans.
    static func clock(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}

extension Duration {
    /// The length in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
