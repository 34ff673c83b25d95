// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// A device's connection string: which hub, which device, which proof.
///
/// It cannot be printed with its key.
package struct ConnectionString: Sendable, Equatable {
    /// `HostName`: the hub; may carry `:port`.
    package var host: HostAddress
    /// `DeviceId`.
    package var deviceID: String
    /// `SharedAccessKey`, or the certificate that goes with `x509=true`.
    package var proof: DeviceProof
    /// `GatewayHostName`: dialled instead of the hub; may carry `:port`.
    package var gateway: HostAddress?

    /// Makes a connection string from checked parts.
    package init(host: HostAddress, deviceID: String, proof: DeviceProof, gateway: HostAddress? = nil) {
        self.host = host
        self.deviceID = deviceID
        self.proof = proof
        self.gateway = gateway
    }
}

/// What is wrong with a setting that says who the device is; never contains a key.
package struct IdentityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do next.
    package var message: String

    /// Makes an error.
    package init(_ message: String) { self.message = message }

    /// The text that people read.
    package var description: String { message }
}

/// How the device gets to its hub.
package enum HubIdentity: Sendable, Equatable {
    /// Hub, device id and proof are configured.
    case connectionString(ConnectionString)
    /// The Device Provisioning Service tells hub and device id.
    case provisioning(ProvisioningSettings)
}

/// What registering with the Device Provisioning Service needs.
package struct ProvisioningSettings: Sendable, Equatable {
    /// What proves the identity; keys are base64.
    package enum Credential: Sendable, Equatable {
        /// The key of an individual enrollment, or one already derived from a group key.
        case deviceKey(Secret)
        /// The key of an enrollment group; the device's own key is derived from it.
        case groupKey(Secret)
        /// The certificate of an individual enrollment, or one issued by the authority of a group.
        case certificate(ClientCertificate)
    }

    /// The service that everybody uses unless told otherwise.
    package static let globalEndpoint = HostAddress(name: "global.azure-devices-provisioning.net", port: nil)

    /// The service's address.
    package var endpoint: HostAddress
    /// The id scope, like `0ne00ABCDEF`.
    package var idScope: String
    /// The registration id.
    package var registrationID: String
    /// What proves the identity.
    package var credential: Credential

    /// Checks all parts; throws where the service would refuse them, before anything is sent.
    package init(
        endpoint: HostAddress = Self.globalEndpoint, idScope: String, registrationID: String,
        credential: Credential
    ) throws(IdentityError) {
        self.endpoint = endpoint
        self.idScope = try IdentityRules.idScope(idScope)
        self.registrationID = try IdentityRules.registrationID(registrationID)
        self.credential = credential
        switch credential {
        case .deviceKey(let key): try IdentityRules.key(key, named: "the device key")
        case .groupKey(let key): try IdentityRules.key(key, named: "the group key")
        case .certificate: break
        }
    }
}
