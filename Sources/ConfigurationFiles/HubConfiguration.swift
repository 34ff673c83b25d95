// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// `[hub]`: the hub to talk to and how to prove who we are.
package struct HubConfiguration: Sendable, Equatable {
    /// How the device finds its hub and proves who it is.
    package enum Security: Sendable, Equatable {
        /// `security = "connectionString"`: the device's connection string, not yet taken apart.
        case connectionString(Secret)
        /// `security = "DPS"`: registration through the Device Provisioning Service.
        case provisioning(ProvisioningConfiguration)
    }

    /// `hub.security` with the values that belong to it.
    package var security: Security
    /// `hub.ca-file`: PEM file of the certificate authorities to trust; `nil` for the system's.
    ///
    /// Made relative to the configuration file's folder where a file says it. `SSL_CERT_FILE` sets it too.
    package var caFile: String?
    /// The device's certificate, for a connection string with `x509=true`; DPS names it in its key.
    package var certificate: CertificateConfiguration?
    /// `hub.proxy` with what belongs to it.
    package var proxy: ProxyConfiguration?
    /// `hub.keep-alive`: whole seconds, 1…1177 s, default 60 s.
    ///
    /// The service's longest allowed silence is 1.5 × 1177 s.
    package var keepAlive: Duration
    /// `hub.token-lifetime`: how long a SAS token is valid; whole seconds, 5 s…1 day, default 1 h.
    package var tokenLifetime: Duration
    /// `hub.longest-wait`: bounds every wait between two attempts to connect; `nil` for what each cause has.
    package var longestWait: Duration?
    /// `hub.tier`; `nil` where nobody has said.
    package var tier: Tier?
    /// `hub.daily-messages`: this device's share of the hub's day; `nil` for all that the tier takes.
    package var dailyMessages: Int?

    /// The tiers by their names in the price list; the numbers are those of one unit.
    package enum Tier: String, Sendable, Hashable, CaseIterable {
        case free, B1, B2, B3, S1, S2, S3
    }
    /// `hub.extra-properties`: whether what no model describes is reported; default true.
    package var extraProperties = true

    /// Makes the section from its values.
    package init(
        security: Security, caFile: String? = nil, certificate: CertificateConfiguration? = nil,
        proxy: ProxyConfiguration? = nil, keepAlive: Duration = .seconds(60),
        tokenLifetime: Duration = .seconds(3600), longestWait: Duration? = nil
    ) {
        self.security = security
        self.caFile = caFile
        self.certificate = certificate
        self.proxy = proxy
        self.keepAlive = keepAlive
        self.tokenLifetime = tokenLifetime
        self.longestWait = longestWait
    }
}

/// `[hub.dps]`: registration through the Device Provisioning Service.
package struct ProvisioningConfiguration: Sendable, Equatable {
    /// Which key proves the device, and what has to be done with it.
    package enum Key: Sendable, Equatable {
        /// `hub.dps.device-key`: the registration's own key, used as it is.
        case device(Secret)
        /// `hub.dps.group-key`: the enrollment group's key; the registration's key is derived from it.
        case group(Secret)
        /// `hub.certificate-file`: no key but a certificate.
        case certificate(CertificateConfiguration)
    }

    /// Where every registration starts that names no other endpoint.
    package static let globalEndpoint = HostAndPort(host: "global.azure-devices-provisioning.net")

    /// `hub.dps.endpoint`: host name with optional port; default ``globalEndpoint``.
    package var endpoint: HostAndPort
    /// `hub.dps.id-scope`: for example `0ne00ABCDEF`.
    package var idScope: String
    /// `hub.dps.registration-id`: 1…128 letters, digits and `- . _ :`, no special character at either end.
    package var registrationID: String
    /// `hub.dps.device-key` or `hub.dps.group-key`, base64, or `hub.certificate-file`.
    package var key: Key

    /// Makes the section from its values.
    package init(
        endpoint: HostAndPort = ProvisioningConfiguration.globalEndpoint, idScope: String,
        registrationID: String, key: Key
    ) {
        self.endpoint = endpoint
        self.idScope = idScope
        self.registrationID = registrationID
        self.key = key
    }
}

/// The device's certificate: `hub.certificate-file` and what belongs to it.
package struct CertificateConfiguration: Sendable, Equatable {
    /// `hub.certificate-file`: PEM, the device's own certificate first.
    package var certificateFile: String
    /// `hub.certificate-key-file`: PEM.
    package var keyFile: String
    /// `hub.certificate-pass-phrase`, or what the file of that name holds; `nil` for a key that is not encrypted.
    package var passPhrase: Secret?

    /// Makes the section from its values.
    package init(certificateFile: String, keyFile: String, passPhrase: Secret? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.passPhrase = passPhrase
    }
}

/// `hub.proxy`: a SOCKS5 proxy and the log-in there.
package struct ProxyConfiguration: Sendable, Equatable {
    /// Host and port; the port is 1080 where none is named.
    package var address: HostAndPort
    /// `hub.proxy-user`; `nil` for a proxy without log-in.
    package var user: String?
    /// `hub.proxy-password`, or what the file of that name holds; set where ``user`` is.
    package var password: Secret?

    /// Makes the section from its values.
    package init(address: HostAndPort, user: String? = nil, password: Secret? = nil) {
        self.address = address
        self.user = user
        self.password = password
    }
}

/// A host name, or address, with an optional port.
package struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    /// The host name or address, without brackets.
    package var host: String
    /// 1…65535, or `nil` for the protocol's own port.
    package var port: Int?

    /// Makes a host with an optional port.
    package init(host: String, port: Int? = nil) {
        self.host = host
        self.port = port
    }

    /// The text as it is written in the configuration.
    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }
}
