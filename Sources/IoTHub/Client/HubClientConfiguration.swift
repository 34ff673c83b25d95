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
    /// How long a token is valid, within ``tokenLifetimes``; values outside count as the nearest inside.
    package var tokenLifetime: Duration
    /// Whether cloud-to-device messages are subscribed to.
    package var receivesCloudMessages: Bool
    /// The waits between attempts.
    package var backoff: BackoffPolicy
    /// How long single steps may take.
    package var limits: TimeLimits
    /// How often something has to happen before it counts.
    package var counts: CountLimits

    /// From what tests need to what a hub still accepts without a remark: a second to thirty days.
    package static let tokenLifetimes: ClosedRange<Duration> = .seconds(1) ... .seconds(30 * 86_400)

    /// Makes a configuration; what is not given has the values of the protocol reference.
    package init(
        identity: HubIdentity, trust: TrustAnchors = .system, proxy: SOCKSProxy? = nil,
        modelID: String? = nil, productInfo: String? = nil,
        keepAlive: Duration = .seconds(60), tokenLifetime: Duration = .seconds(3600),
        receivesCloudMessages: Bool = false, backoff: BackoffPolicy = BackoffPolicy(),
        limits: TimeLimits = TimeLimits(),
        counts: CountLimits = CountLimits()
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
        self.counts = counts
    }
}
