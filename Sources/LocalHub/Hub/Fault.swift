// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A misbehaviour on request.
public struct Fault: Sendable, Hashable {
    /// A twin operation of a device.
    public enum TwinOperation: String, Sendable, Hashable, CaseIterable {
        /// Reading the whole twin.
        case get
        /// Changing reported properties.
        case patch
    }

    /// What is wrong with the server certificate of a handshake.
    public enum WrongCertificate: String, Sendable, Hashable, CaseIterable {
        /// Right name, signed by an authority nobody trusts.
        case authority
        /// Right authority, made out to another host name.
        case hostName
        /// Right authority and name, valid until yesterday.
        case expired
    }

    /// A step of the provisioning exchange.
    public enum ProvisioningStep: String, Sendable, Hashable, CaseIterable {
        /// The registration request.
        case register
        /// The status poll.
        case poll
    }

    /// What goes wrong.
    public enum Kind: Sendable, Hashable {
        /// CONNECT is answered with this code (1…5) and the connection closed.
        case refuseConnect(code: Int)
        /// CONNECT is never answered.
        case silentConnect
        /// The connection is cut right after CONNACK 0.
        case dropAfterConnect
        /// The connection is cut when a telemetry message arrives, before its PUBACK.
        case dropOnTelemetry
        /// Telemetry is accepted and its PUBACK kept back until the fault is cleared or the connection ends.
        case holdPubacks
        /// Telemetry is accepted and its PUBACK comes later.
        case delayPubacks(Duration)
        /// Telemetry is accepted, and one message in so many (by the log's number) is never acknowledged.
        case dropPubacks(oneIn: Int = 1)
        /// The connection neither reads nor writes any more and stays open, from the next CONNACK on.
        case halfOpen
        /// PINGREQ is not answered.
        case silentPing
        /// A handshake is made with a wrong certificate; never bound to a device.
        case wrongCertificate(WrongCertificate)
        /// A twin request is answered with this status (400…599).
        case twinStatus(TwinOperation, status: Int)
        /// A twin request is never answered.
        case twinSilence(TwinOperation)
        /// A provisioning request is answered with this six-digit code, for example 401002 or 429001.
        case provisioningError(ProvisioningStep, code: Int, retryAfter: Int?)
        /// A provisioning request is never answered.
        case provisioningSilence(ProvisioningStep)
        /// Tokens count as expired this long after CONNECT, whatever they say.
        case tokenCutShort(Duration)
        /// CONNECT finds no stored session: subscriptions and queued messages are gone.
        case sessionForgotten
        /// SUBSCRIBE is never answered.
        case silentSubscribe
    }

    /// What goes wrong.
    public var kind: Kind
    /// The device (or registration) id it is for; nil for all.
    public var deviceId: String?
    /// How often it happens; nil until cleared.
    public var count: Int?

    /// Makes a fault; without count it stays until cleared, without device it is for all.
    public init(_ kind: Kind, deviceId: String? = nil, count: Int? = nil) {
        self.kind = kind
        self.deviceId = deviceId
        self.count = count
    }
}
