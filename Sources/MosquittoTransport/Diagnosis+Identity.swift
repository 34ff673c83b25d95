// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub

extension Diagnosis {
    /// Files of this machine that libmosquitto could not use, which it only logs.
    var ownFilesError: TransportError? {
        for (sign, sentence) in [
            (
                "Unable to load CA certificates",
                "the trust file holds no usable certificate (%); it must be in PEM form"
            ),
            (
                "Unable to load client certificate",
                "the device's certificate cannot be used (%); see `sensor-agent check`"
            ),
            (
                "Unable to load client key",
                "the key of the device's certificate cannot be used (%); see `sensor-agent check`"
            ),
            (
                "certificate/key are inconsistent",
                "the device's certificate and its key do not belong together (%); see `sensor-agent check`"
            ),
        ] {
            guard let line = log.first(where: { $0.contains(sign) }) else { continue }
            let parts = sentence.split(separator: "%", maxSplits: 1)
            return TransportError(.localConfiguration, parts.joined(separator: line))
        }
        return nil
    }

    /// What failed on the way to the proxy or in the talk with it; `nil` without a proxy and after it.
    func proxyError(_ peer: String) -> TransportError? {
        guard let proxy else { return nil }
        switch (phase, failure) {
        case (.dialing, .nameLookup(let reason)):
            return TransportError(
                .nameNotResolved,
                "the proxy's name in \(proxy) could not be resolved (\(reason)); check hub.proxy and this machine's DNS"
            )
        case (.dialing, .system(let code, let text)):
            return TransportError(
                .unreachable,
                "no TCP connection to the proxy \(proxy): \(text) (errno \(code)); check hub.proxy and the network"
            )
        case (.proxying, .proxy(.logIn)):
            return TransportError(
                .unreachable,
                "the proxy \(proxy) wants a log-in, or does not allow a connection to \(peer); "
                    + "check hub.proxy-user, its password and the proxy's rules")
        case (.proxying, .proxy(.hostUnreachable)):
            return TransportError(
                .unreachable,
                "the proxy \(proxy) cannot reach \(peer); check the name and whether it may go there")
        case (.proxying, .tls): return nil
        case (.proxying, _):
            return TransportError(
                .unreachable,
                "the proxy \(proxy) did not open the way to \(peer); check that it is a SOCKS5 proxy, "
                    + "hub.proxy-user and its password")
        default: return nil
        }
    }

    /// The server's refusal of what the device showed, or did not, in the handshake (RFC 8446, 6.2).
    func refusedCertificate(_ peer: String) -> TransportError? {
        let words = ["certificate", "unknown ca", "access denied", "decrypt error"]
        let alert = log.first { line in
            line.contains(" alert ") && words.contains { line.contains($0) }
        }
        guard let alert else { return nil }
        return TransportError(
            .tls,
            hasCertificate
                ? "\(peer) refused the device's certificate (\(alert)); check that it is registered there and not expired"
                : "\(peer) wants a certificate of the device (\(alert)); check that the port is right")
    }
}
