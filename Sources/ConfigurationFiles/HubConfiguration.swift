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
    /// `hub.keep-alive`: whole seconds, 1…1177 s, default 60 s.
    ///
    /// The service's longest allowed silence is 1.5 × 1177 s.
    package var keepAlive: Duration
    /// `hub.token-lifetime`: how long a SAS token is valid; whole seconds, 5 s…1 day, default 1 h.
    package var tokenLifetime: Duration
    /// `hub.extra-properties`: whether what no model describes is reported; default true.
    package var extraProperties = true

    /// Makes the section from its values.
    package init(
        security: Security, caFile: String? = nil, keepAlive: Duration = .seconds(60),
        tokenLifetime: Duration = .seconds(3600)
    ) {
        self.security = security
        self.caFile = caFile
        self.keepAlive = keepAlive
        self.tokenLifetime = tokenLifetime
    }
}

/// `[hub.dps]`: registration through the Device Provisioning Service by symmetric key.
package struct ProvisioningConfiguration: Sendable, Equatable {
    /// Which key proves the device, and what has to be done with it.
    package enum Key: Sendable, Equatable {
        /// `hub.dps.device-key`: the registration's own key, used as it is.
        case device(Secret)
        /// `hub.dps.group-key`: the enrollment group's key; the registration's key is derived from it.
        case group(Secret)
    }

    /// Where every registration starts that names no other endpoint.
    package static let globalEndpoint = HostAndPort(host: "global.azure-devices-provisioning.net")

    /// `hub.dps.endpoint`: host name with optional port; default ``globalEndpoint``.
    package var endpoint: HostAndPort
    /// `hub.dps.id-scope`: for example `0ne00ABCDEF`.
    package var idScope: String
    /// `hub.dps.registration-id`: 1…128 letters, digits and `- . _ :`, no special character at either end.
    package var registrationID: String
    /// `hub.dps.device-key` or `hub.dps.group-key`, base64.
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
