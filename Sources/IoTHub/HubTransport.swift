// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// Which certificate authorities a server's certificate may come from; the check itself is never switched off.
package enum TrustAnchors: Sendable, Hashable {
    /// The operating system's store.
    case system
    /// A PEM file that replaces the store.
    case file(String)
}

/// All that one MQTT 3.1.1 CONNECT over TLS needs.
package struct HubCredentials: Sendable {
    /// The host to dial; TLS server name and certificate check use it too.
    package var host: String
    /// The TCP port, 8883 unless configured.
    package var port: UInt16
    /// The MQTT client identifier.
    package var clientID: String
    /// The MQTT user name.
    package var userName: String
    /// The MQTT password: a SAS token; `nil` sends no password, as with a certificate.
    package var password: Secret?
    /// Whom to trust.
    package var trust: TrustAnchors
    /// What the TLS handshake proves the device with; `nil` sends no certificate.
    package var certificate: ClientCertificate?
    /// What to dial through; `nil` dials the host itself.
    package var proxy: SOCKSProxy?
    /// The keep-alive interval, whole seconds.
    package var keepAlive: Duration
    /// The CleanSession flag.
    package var cleanSession: Bool

    /// Makes the parameters of a CONNECT.
    package init(
        host: String, port: UInt16, clientID: String, userName: String, password: Secret?,
        trust: TrustAnchors, certificate: ClientCertificate? = nil, proxy: SOCKSProxy? = nil,
        keepAlive: Duration, cleanSession: Bool
    ) {
        self.host = host
        self.port = port
        self.clientID = clientID
        self.userName = userName
        self.password = password
        self.trust = trust
        self.certificate = certificate
        self.proxy = proxy
        self.keepAlive = keepAlive
        self.cleanSession = cleanSession
    }
}

/// A failed step of the transport, with what it means for the next one.
package struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    package enum Code: Sendable, Hashable {
        /// The host name could not be resolved.
        case nameNotResolved
        /// TCP was refused, unreachable or timed out.
        case unreachable
        /// The TLS handshake failed: certificate not trusted, wrong host name, version.
        case tls
        /// The server answered CONNECT with this non-zero return code (MQTT 3.1.1, 3.2.2.3).
        case refused(returnCode: UInt8)
        /// The connection ended, by the other side or the network.
        case connectionLost
        /// The other side left a keep-alive ping unanswered, so the connection was ended here.
        case silence
        /// No answer in time.
        case timedOut
        /// The call needs a connection and there is none.
        case notConnected
        /// A subscription was answered with 0x80 (MQTT 3.1.1, 3.9.3).
        case subscriptionRefused
        /// A topic or payload that MQTT cannot carry.
        case invalidMessage
        /// More arrived than the reader took in time; the connection was ended.
        case overflow
        /// The calling task was cancelled.
        case cancelled
        /// The trust file, the device's certificate or another local file cannot be used.
        case localConfiguration
    }

    /// What failed.
    package var code: Code
    /// For people: what was tried, what happened, what to do next; never a secret.
    package var message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The text that people read.
    package var description: String { message }
}

/// What the transport reports by itself.
package enum TransportEvent: Sendable {
    /// A PUBLISH arrived; QoS 1 has been acknowledged by the library.
    case message(topic: String, payload: [UInt8])
    /// The connection made by the latest `connect` ended without `disconnect` having been called.
    case closed(TransportError)
}

/// Carries MQTT 3.1.1 over TLS.
///
/// One connection at a time; `connect` may be called again after it ended.
/// Every call returns promptly with `.cancelled` when its task is cancelled, even while name resolution or a TCP
/// connect blocks underneath.
package protocol HubTransport: Sendable {
    /// Dials, does the TLS handshake and CONNECT; returns the session-present flag at a CONNACK with code 0.
    /// Whatever an earlier connection still had queued is thrown away.
    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool
    /// Subscribes at QoS 1; returns when every filter is granted.
    func subscribe(to filters: [String]) async throws(TransportError)
    /// Publishes at QoS 1; returns at PUBACK. Fails with `.connectionLost` when the connection ends first.
    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError)
    /// Sends DISCONNECT and closes; returns when that is done, or at once where there is no connection.
    func disconnect() async
    /// Messages and the end of the connection, in order; one reader. Bounded: overflow ends the connection.
    var events: AsyncStream<TransportEvent> { get }
}
