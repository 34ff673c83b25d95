// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub

extension HubClientConfiguration {
    /// What the hub client needs, from the configuration; throws what the service would refuse.
    init(_ hub: HubConfiguration) throws(IdentityError) {
        self.init(
            identity: try HubIdentity(hub), trust: hub.caFile.map { .file($0) } ?? .system,
            proxy: try hub.proxy.map { proxy throws(IdentityError) in try SOCKSProxy(proxy) },
            modelID: Program.modelID, productInfo: Program.productInfo, keepAlive: hub.keepAlive,
            tokenLifetime: hub.tokenLifetime, receivesCloudMessages: true,
            backoff: BackoffPolicy(longestWait: hub.longestWait))
    }
}

extension HubIdentity {
    fileprivate init(_ hub: HubConfiguration) throws(IdentityError) {
        switch hub.security {
        case .connectionString(let secret):
            self = .connectionString(
                try ConnectionString(
                    parsing: secret, certificate: hub.certificate.map { ClientCertificate($0) }))
        case .provisioning(let settings):
            let credential: ProvisioningSettings.Credential =
                switch settings.key {
                case .device(let key): .deviceKey(key)
                case .group(let key): .groupKey(key)
                case .certificate(let files): .certificate(ClientCertificate(files))
                }
            self = .provisioning(
                try ProvisioningSettings(
                    endpoint: try HostAddress(parsing: settings.endpoint.description),
                    idScope: settings.idScope,
                    registrationID: settings.registrationID, credential: credential))
        }
    }
}

extension SOCKSProxy {
    /// The proxy of the configuration; throws where its address is none.
    init(_ proxy: ProxyConfiguration) throws(IdentityError) {
        let address = try HostAddress(parsing: proxy.address.description)
        self.init(
            host: address.name, port: address.explicitPort ?? Self.defaultPort, user: proxy.user,
            password: proxy.password)
    }
}
