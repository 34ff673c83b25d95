// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub

/// What is known about an attempt to connect that failed, gathered from libmosquitto, OpenSSL and the C library.
struct Diagnosis: Sendable, Hashable {
    /// How far the attempt had come; with a proxy, `dialing` is the way to it and `proxying` the talk with it.
    enum Phase: Sendable, Hashable { case dialing, proxying, handshake, session }

    /// What libmosquitto returned.
    enum Failure: Sendable, Hashable {
        case nameLookup(String)
        case system(CInt, String)
        case tls
        case connectionLost
        case keepAlive
        case protocolViolation
        case proxy(Refusal)
        case other(String)
    }

    /// What a SOCKS5 proxy refused (RFC 1928, sections 3 and 6).
    enum Refusal: Sendable, Hashable { case logIn, hostUnreachable, unspecific }

    var host: String
    var port: UInt16
    /// `host:port` of the proxy; `nil` where there is none.
    var proxy: String?
    /// Whether the device has a certificate to show.
    var hasCertificate = false
    var phase = Phase.dialing
    var failure = Failure.connectionLost
    /// What libmosquitto logged as errors, OpenSSL's own texts among it.
    var log: [String] = []
    /// The X509_V_ERR_ code of the certificate check, 0 for none, and its text.
    var verification = Verification()

    /// OpenSSL's verdict on the server's certificate.
    struct Verification: Sendable, Hashable {
        var code = 0
        var text = ""
    }
}

extension Diagnosis {
    /// Nothing has happened yet.
    init(_ credentials: HubCredentials) {
        self.init(host: credentials.host, port: credentials.port)
        proxy = credentials.proxy.map { "\($0.host):\($0.port)" }
        hasCertificate = credentials.certificate != nil
    }

    /// The failure as callers get it: its kind, and a sentence that says what to do next.
    var error: TransportError {
        let peer = "\(host):\(port)"
        if let error = ownFilesError ?? proxyError(peer) ?? tlsError(peer) { return error }
        switch failure {
        case .nameLookup(let reason):
            return TransportError(
                .nameNotResolved,
                "the host name \(host) could not be resolved (\(reason)); check the name and this machine's DNS"
            )
        case .system(let code, let text):
            let kind: TransportError.Code = phase == .dialing ? .unreachable : .connectionLost
            return TransportError(
                kind,
                phase == .dialing
                    ? "no TCP connection to \(peer): \(text) (errno \(code)); check host, port and firewall"
                    : "the connection to \(peer) broke: \(text) (errno \(code))")
        case .tls where phase == .session || log.contains(where: { $0.contains("unexpected eof") }):
            // OpenSSL calls it a protocol error when the other end goes without a TLS close_notify.
            return TransportError(.connectionLost, lost(peer))
        case .tls:
            return TransportError(.tls, "the TLS handshake with \(peer) failed\(logged); is that a TLS port?")
        case .connectionLost:
            return TransportError(.connectionLost, lost(peer))
        case .keepAlive:
            return TransportError(
                .silence,
                "the server \(peer) did not answer a keep-alive ping; "
                    + "the network or the server is gone"
            )
        case .protocolViolation:
            return TransportError(
                .connectionLost,
                "the server \(peer) sent what is no MQTT 3.1.1\(logged); "
                    + "check that the port is right")
        case .other(let text):
            return TransportError(.connectionLost, "the connection to \(peer) failed: \(text)\(logged)")
        case .proxy:
            return TransportError(.connectionLost, "the connection to \(peer) failed in the proxy")
        }
    }

    private func lost(_ peer: String) -> String {
        switch phase {
        case .dialing, .proxying, .handshake:
            "the server \(peer) closed the connection before it answered CONNECT; "
                + "check that it speaks MQTT over TLS there and accepts this device"
        case .session: "the server \(peer) closed the connection"
        }
    }

    var logged: String { log.isEmpty ? "" : " (\(log.joined(separator: "; ")))" }

    /// The failures that show only in OpenSSL's verdict and in what was logged, not in return codes.
    private func tlsError(_ peer: String) -> TransportError? {
        if log.contains(where: { $0.contains("host name verification failed") }) {
            return TransportError(
                .tls,
                "the certificate of \(peer) is for another host name than \(host); check the configured host name"
            )
        }
        guard phase != .session else { return nil }
        switch verification.code {
        case 0: break
        case 9:
            return TransportError(
                .tls, "the certificate of \(peer) is not valid yet; check this machine's clock")
        case 10:
            return TransportError(
                .tls,
                "the certificate of \(peer) has expired; renew it there, or correct this machine's clock")
        case 62, 64:
            return TransportError(
                .tls,
                "the certificate of \(peer) is for another host name than \(host); check the configured host name"
            )
        case 2, 18, 19, 20, 21, 7:
            return TransportError(
                .tls,
                "the certificate of \(peer) was not issued by a trusted authority (\(verification.text)); "
                    + "name the right CA file, or install ca-certificates")
        default:
            return TransportError(
                .tls, "the certificate of \(peer) was not accepted: \(verification.text)")
        }
        if let error = refusedCertificate(peer) { return error }
        guard let line = log.first(where: { $0.contains("OpenSSL Error") }), !line.contains("unexpected eof")
        else {
            return nil
        }
        return TransportError(
            .tls, "the TLS handshake with \(peer) failed\(logged); it must speak TLS 1.2 or newer there")
    }

    /// The refusal that a CONNACK's return code stands for (MQTT 3.1.1, 3.2.2.3).
    static func refusal(_ code: UInt8, by peer: String) -> TransportError {
        let reason =
            switch code {
            case 1: "it does not speak MQTT 3.1.1"
            case 2: "it does not accept the client identifier; check the device id"
            case 3: "the service is unavailable; it will be tried again"
            case 4: "user name or password are malformed; check device id and key"
            case 5:
                "not authorised; check that the device exists, is enabled, and its key or certificate and this machine's clock"
            default: "return code \(code)"
            }
        return TransportError(.refused(returnCode: code), "\(peer) refused the connection: \(reason)")
    }
}
