// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The billable messages that a configuration makes on one day, by what makes them; pure.
package struct MessageBudget: Sendable, Hashable {
    /// What a device sends and receives on an ordinary day.
    package struct Load: Sendable, Hashable {
        /// The time between two messages of one stream.
        package var interval: Duration
        /// The size of each stream's message in bytes, properties included.
        package var streams: [Int]
        /// How often the connection is made, by renewals of the token and otherwise; each reads the twin.
        package var connections: Int
        /// The size of the twin in bytes.
        package var twinBytes = 1_000
        /// How often reported properties change: mostly the highest temperature, on a warming morning.
        package var reports = 50
        /// The size of such a change in bytes.
        package var reportBytes = 200
        /// How many commands come; request and answer count.
        package var commands = 10

        /// Describes a day with usual twins, reports and commands; an interval is at least a millisecond.
        package init(interval: Duration, streams: [Int], connections: Int) {
            self.interval = max(interval, .milliseconds(1))
            self.streams = streams
            self.connections = connections
        }

        /// How often a token of this lifetime is renewed on one day; one for an identity without tokens.
        package static func connections(tokenLifetime: Duration?) -> Int {
            guard let lifetime = tokenLifetime, lifetime > .zero else { return 1 }
            // The session's margin before the end of a token, at its longest.
            let margin = min(.seconds(120), lifetime * 0.2) * 1.5
            return max(1, Int(clamping: Int64((86_400 / seconds(lifetime - margin)).rounded(.up))))
        }
    }

    /// Telemetry.
    package var telemetry: Int
    /// Reads of the twin.
    package var twin: Int
    /// Reported properties.
    package var reports: Int
    /// Commands and their answers.
    package var commands: Int

    /// All of them.
    package var total: Int { telemetry + others }
    private var others: Int { twin + reports + commands }

    /// Counts a day's load by a meter.
    package init(_ load: Load, _ meter: MessageMeter) {
        telemetry = Int(
            clamping: Int64((Double(Self.round(load, meter)) * 86_400 / seconds(load.interval)).rounded(.up)))
        twin = load.connections * meter.pieces(load.twinBytes)
        reports = load.reports * meter.pieces(load.reportBytes)
        commands = load.commands * 2 * meter.pieces(load.reportBytes)
    }

    /// The shortest interval in whole seconds that keeps the day within the meter's limit; `nil` where none does, or where
    /// there is no limit.
    package static func shortestInterval(_ load: Load, _ meter: MessageMeter) -> Duration? {
        guard let limit = meter.perDay else { return nil }
        let room = limit - MessageBudget(load, meter).others
        guard room > 0 else { return nil }
        let exact = Double(round(load, meter)) * 86_400 / Double(room)
        return .seconds(max(1, Int64(exact.rounded(.up))))
    }

    /// The pieces of one message of each stream.
    package static func round(_ load: Load, _ meter: MessageMeter) -> Int {
        load.streams.reduce(0) { $0 + meter.pieces($1) }
    }
}

private func seconds(_ duration: Duration) -> Double {
    let (whole, attoseconds) = duration.components
    return Double(whole) + Double(attoseconds) / 1e18
}
