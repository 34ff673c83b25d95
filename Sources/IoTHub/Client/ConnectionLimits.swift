// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension HubClientConfiguration {
    /// How long single steps may take before they count as failed.
    package struct TimeLimits: Sendable, Hashable {
        /// Name resolution, TCP, TLS and CONNACK together.
        package var connect: Duration
        /// SUBACK of all filters.
        package var subscribe: Duration
        /// The answer to a twin read, a reported patch or a provisioning request.
        package var request: Duration
        /// From the first register to the assignment.
        package var provisioning: Duration
        /// The oldest publish without PUBACK; then the connection counts as dead.
        package var acknowledgement: Duration
        /// Messages under way when a token is renewed or the client is stopped.
        package var drain: Duration
        /// DISCONNECT.
        package var disconnect: Duration
        /// How long a connection must have been up before the count of failures starts again; one that the other end
        /// closes sooner is a short one.
        package var stable: Duration

        /// Makes limits.
        package init(
            connect: Duration = .seconds(60), subscribe: Duration = .seconds(10),
            request: Duration = .seconds(30),
            provisioning: Duration = .seconds(120), acknowledgement: Duration = .seconds(60),
            drain: Duration = .seconds(2), disconnect: Duration = .seconds(1), stable: Duration = .seconds(60)
        ) {
            self.connect = connect
            self.subscribe = subscribe
            self.request = request
            self.provisioning = provisioning
            self.acknowledgement = acknowledgement
            self.drain = drain
            self.disconnect = disconnect
            self.stable = stable
        }
    }

    /// How often something has to happen in a row before it counts.
    package struct CountLimits: Sendable, Hashable {
        /// Short connections that the other end closed; then another program is taken to use this identity.
        ///
        /// Three may be maintenance of the hub or a router that starts again. Waits double meanwhile, so four take two
        /// programs that fight for one identity about ten seconds.
        package var shortSessions: Int
        /// Failures of the assigned hub; then DPS is asked whether there is another (protocol reference 11.5).
        package var hubFailures: Int
        /// CONNACK 5 for fresh tokens; then DPS is asked, where it is configured.
        package var refusals: Int
        /// Requests without an answer; then the connection counts as dead.
        package var unansweredRequests: Int

        /// Makes limits.
        package init(
            shortSessions: Int = 4, hubFailures: Int = 10, refusals: Int = 2, unansweredRequests: Int = 3
        ) {
            self.shortSessions = shortSessions
            self.hubFailures = hubFailures
            self.refusals = refusals
            self.unansweredRequests = unansweredRequests
        }
    }
}
