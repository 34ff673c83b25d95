// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// All that a ``HubClient`` has to know.
package struct HubClientConfiguration: Sendable {
    /// Who the device is and how it gets to its hub.
    package var identity: HubIdentity
    /// Whom to trust.
    package var trust: TrustAnchors
    /// What to dial through; `nil` dials directly.
    package var proxy: SOCKSProxy?
    /// The Plug and Play model, announced at every connect and at registration.
    package var modelID: String?
    /// Name and version of the program, sent as `DeviceClientType` and `ClientVersion`.
    package var productInfo: String?
    /// The MQTT keep-alive interval, 1 s…1177 s (protocol reference 4.4).
    package var keepAlive: Duration
    /// How long a token is valid, 1 s or more.
    package var tokenLifetime: Duration
    /// Whether cloud-to-device messages are subscribed to.
    package var receivesCloudMessages: Bool
    /// The waits between attempts.
    package var backoff: Backoff
    /// How long single steps may take.
    package var limits: TimeLimits

    /// Makes a configuration; what is not given has the values of the protocol reference.
    package init(
        identity: HubIdentity, trust: TrustAnchors = .system, proxy: SOCKSProxy? = nil,
        modelID: String? = nil, productInfo: String? = nil,
        keepAlive: Duration = .seconds(60), tokenLifetime: Duration = .seconds(3600),
        receivesCloudMessages: Bool = false, backoff: Backoff = Backoff(), limits: TimeLimits = TimeLimits()
    ) {
        self.identity = identity
        self.trust = trust
        self.proxy = proxy
        self.modelID = modelID
        self.productInfo = productInfo
        self.keepAlive = keepAlive
        self.tokenLifetime = tokenLifetime
        self.receivesCloudMessages = receivesCloudMessages
        self.backoff = backoff
        self.limits = limits
    }

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
        /// How long a connection must have been up before the count of failures starts again.
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
}
