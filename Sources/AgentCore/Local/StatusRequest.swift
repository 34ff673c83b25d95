// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// The command `status`: sensors, thermostats, hub, outbox and uptime at once, an ``AgentStatus``; it takes no arguments.
package enum StatusRequest {
    /// The command's name.
    package static let command = "status"

    /// What does not change while the program runs.
    package struct Facts: Sendable {
        /// The program's version.
        package var version: String
        /// When the program started.
        package var startedAt: ContinuousClock.Instant
        /// Whether every sensor is simulated.
        package var isSimulated: Bool

        /// Describes a run of the program.
        package init(version: String, startedAt: ContinuousClock.Instant, isSimulated: Bool) {
            self.version = version
            self.startedAt = startedAt
            self.isSimulated = isSimulated
        }
    }

    /// The handler for ``LocalCommands``; `link` tells the connection and what waits for it.
    package static func handler(
        _ facts: Facts, setups: [SensorSetup], results: LatestResults, control: ControlLoop,
        time: any TimeSource, clock: (@Sendable () -> ClockVerdict)? = nil,
        messages: MessageAccount? = nil, disk: (@Sendable () async -> AgentStatus.Disk)? = nil,
        certificate: @escaping @Sendable () -> AgentStatus.Certificate? = { nil },
        link: @escaping @Sendable () async -> (AgentStatus.Hub, AgentStatus.Outbox)
    ) -> LocalCommands.Handler {
        { arguments, _ throws(LocalError) in
            _ = try LocalArguments(arguments, of: command)
            var (hub, outbox) = await link()
            let clock = clock.map { AgentStatus.Clock($0()) }
            if clock?.isTrusted == false, hub.state == "idle" { hub.reason = "Waits for the clock." }
            let thermostats = await WhyRequest.reports(of: control, nil, time)
            let now = time.now()
            return AgentStatus(
                version: facts.version, uptime: max(.zero, facts.startedAt.duration(to: now.monotonic)),
                isSimulated: facts.isSimulated, hub: hub, outbox: outbox,
                clock: clock, messages: messages?.statement, disk: await disk?(), certificate: certificate(),
                sensors: results.reports(setups, at: now), thermostats: thermostats
            ).json
        }
    }
}
