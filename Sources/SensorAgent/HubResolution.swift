// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub

extension HubClientConfiguration {
    /// What the hub client needs, from the configuration; throws what the service would refuse.
    init(_ hub: HubConfiguration) throws(IdentityError) {
        self.init(
            identity: try HubIdentity(hub.security), trust: hub.caFile.map { .file($0) } ?? .system,
            modelID: Program.modelID, productInfo: Program.productInfo, keepAlive: hub.keepAlive,
            tokenLifetime: hub.tokenLifetime, receivesCloudMessages: true,
            backoff: BackoffPolicy(longestWait: hub.longestWait))
    }
}

extension HubIdentity {
    fileprivate init(_ security: HubConfiguration.Security) throws(IdentityError) {
        switch security {
        case .connectionString(let secret):
            self = .connectionString(try ConnectionString(parsing: secret))
        case .provisioning(let settings):
            let credential: ProvisioningSettings.Credential =
                switch settings.key {
                case .device(let key): .deviceKey(key)
                case .group(let key): .groupKey(key)
                }
            self = .provisioning(
                try ProvisioningSettings(
                    endpoint: try HostAddress(parsing: settings.endpoint.description),
                    idScope: settings.idScope,
                    registrationID: settings.registrationID, credential: credential))
        }
    }
}
