// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub

/// What the hub's settings lack, and what they mean; no connection is made.
struct HubCheck {
    let configuration: AgentConfiguration

    /// Everything that the service would refuse, each with its key; empty where no hub is configured.
    var errors: [ConfigurationError] {
        guard let hub = configuration.hub else { return [] }
        var errors = identityErrors(hub) + CertificateCheck(configuration: configuration).errors
        if let proxy = hub.proxy {
            errors += check("hub.proxy") { () throws(IdentityError) in _ = try SOCKSProxy(proxy) }
        }
        if let file = hub.caFile, let problem = DiskFileReader.certificateProblem(of: file) {
            errors.append(
                error(
                    "\(file) cannot be used: \(problem).",
                    "Name a PEM file, or leave it out to use the system's authorities.", "hub.ca-file"))
        }
        return errors
    }

    private func identityErrors(_ hub: HubConfiguration) -> [ConfigurationError] {
        switch hub.security {
        case .connectionString(let secret):
            let certificate = hub.certificate.map { ClientCertificate($0) }
            return check("hub.connection-string", "hub.connection-string-file") { () throws(IdentityError) in
                _ = try ConnectionString(parsing: secret, certificate: certificate)
            }
        case .provisioning(let settings):
            let endpoint = check("hub.dps.endpoint") { () throws(IdentityError) in
                _ = try HostAddress(parsing: settings.endpoint.description)
            }
            let scope = check("hub.dps.id-scope") { () throws(IdentityError) in
                try IdentityRules.idScope(settings.idScope)
            }
            let registration = check("hub.dps.registration-id") { () throws(IdentityError) in
                try IdentityRules.registrationID(settings.registrationID)
            }
            return endpoint + scope + registration + keyErrors(settings.key)
        }
    }

    private func keyErrors(_ key: ProvisioningConfiguration.Key) -> [ConfigurationError] {
        switch key {
        case .device(let secret):
            check("hub.dps.device-key", "hub.dps.device-key-file") { () throws(IdentityError) in
                try IdentityRules.key(secret, named: "the device key")
            }
        case .group(let secret):
            check("hub.dps.group-key", "hub.dps.group-key-file") { () throws(IdentityError) in
                try IdentityRules.key(secret, named: "the group key")
            }
        case .certificate: []
        }
    }

    /// The error of a value that one of `paths` holds.
    private func check(
        _ paths: String..., by rule: () throws(IdentityError) -> Void
    ) -> [ConfigurationError] {
        do throws(IdentityError) {
            try rule()
            return []
        } catch {
            let path = paths.first { configuration.origin(of: $0) != .default } ?? paths[0]
            return [self.error(error.message, "", path)]
        }
    }

    private func error(_ problem: String, _ advice: String, _ path: String) -> ConfigurationError {
        ConfigurationError(
            .outOfRange, at: configuration.origin(of: path), path: path, problem: problem, advice: advice)
    }
}

extension HubConfiguration {
    /// The kind of the hub and its names, without any secret.
    var summary: String {
        switch security {
        case .connectionString(let secret):
            let files = certificate.map { ClientCertificate($0) }
            guard let parts = try? ConnectionString(parsing: secret, certificate: files) else {
                return "a connection string"
            }
            let gateway = parts.gateway.map { " through \($0)" } ?? ""
            let isUnused = files != nil && parts.proof.certificate == nil
            let proof = isUnused ? ", by its key; the certificate is not used" : ""
            return "connection string: device \(parts.deviceID) at \(parts.host)\(gateway)\(proof)"
        case .provisioning(let settings):
            let key =
                switch settings.key {
                case .device: "its own key"
                case .group: "the key of its group"
                case .certificate: "certificate"
                }
            return "provisioning at \(settings.endpoint): id scope \(settings.idScope), registration "
                + "\(settings.registrationID), by \(key)"
        }
    }
}
