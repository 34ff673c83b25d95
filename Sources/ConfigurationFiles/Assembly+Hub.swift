// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

extension Assembly {
    /// The hub, or `nil` where nothing says which one or what is said is wrong.
    mutating func hub() -> HubConfiguration? {
        guard let security = security() else { return nil }
        var hub = HubConfiguration(security: security, caFile: text("hub.ca-file"))
        hub.certificate = certificate()
        hub.proxy = proxy()
        hub.keepAlive = duration("hub.keep-alive") ?? hub.keepAlive
        hub.tokenLifetime = duration("hub.token-lifetime") ?? hub.tokenLifetime
        hub.longestWait = duration("hub.longest-wait")
        hub.tier = text("hub.tier").flatMap(HubConfiguration.Tier.init)
        hub.dailyMessages = count("hub.daily-messages")
        hub.extraProperties = boolean("hub.extra-properties") ?? hub.extraProperties
        return hub
    }

    private mutating func security() -> HubConfiguration.Security? {
        let connection = [best("hub.connection-string"), best("hub.connection-string-file")].compactMap(
            \.self)
        let provisioning = layers.values.keys.filter { $0.starts(with: ["hub", "dps"]) }.compactMap(
            layers.best)
        let connectionLayer = connection.map(\.layer).max()
        let provisioningLayer = provisioning.map(\.layer).max()
        if let chosen = best("hub.security") {
            return text("hub.security") == "DPS"
                ? self.provisioning(at: chosen.origin) : connectionString(at: chosen.origin)
        }
        switch (connectionLayer, provisioningLayer) {
        case (nil, nil): return nil
        case (let left?, let right?) where left == right:
            let isSaidWrong = layers.errors.contains { $0.path == "hub.security" }
            guard !isSaidWrong else { return nil }
            fail(
                .conflict, at: connection.first { $0.layer == left }?.origin ?? .default, "hub.security",
                "A connection string and [hub.dps] are both set, and nothing says which one counts.",
                "Set security to \"connectionString\" or \"DPS\" in [hub].")
            return nil
        case (let left?, let right) where right.map({ left > $0 }) ?? true:
            return connectionString(at: connection.first { $0.layer == left }?.origin ?? .default)
        default:
            return self.provisioning(at: place(of: provisioning))
        }
    }

    /// Where to report what [hub.dps] lacks: its section, else the first of its values by name.
    private func place(of values: [LayeredValue]) -> ConfigurationOrigin {
        let line = document?.positions.lines[["hub", "dps"]]
        if let document, let line { return .file(document.file, line: line) }
        let origins = values.map(\.origin).sorted { $0.description < $1.description }
        return origins.first ?? .default
    }

    private mutating func connectionString(at origin: ConfigurationOrigin) -> HubConfiguration.Security? {
        guard let (path, value) = choose("hub.connection-string", "hub.connection-string-file") else {
            missing("hub.connection-string", at: origin)
            return nil
        }
        return secret(value, path, .secret).map(HubConfiguration.Security.connectionString)
    }

    private mutating func provisioning(at origin: ConfigurationOrigin) -> HubConfiguration.Security? {
        let key = provisioningKey(at: origin)
        let idScope = text("hub.dps.id-scope")
        let registrationID = text("hub.dps.registration-id")
        if idScope == nil { missing("hub.dps.id-scope", at: origin) }
        if registrationID == nil { missing("hub.dps.registration-id", at: origin) }
        guard let key, let idScope, let registrationID else { return nil }
        var configuration = ProvisioningConfiguration(
            idScope: idScope, registrationID: registrationID, key: key)
        if case .endpoint(let endpoint) = best("hub.dps.endpoint")?.value {
            configuration.endpoint = endpoint
        }
        return .provisioning(configuration)
    }

    private mutating func provisioningKey(at origin: ConfigurationOrigin) -> ProvisioningConfiguration.Key? {
        let names = ["device-key", "device-key-file", "group-key", "group-key-file"].map { "hub.dps.\($0)" }
        let certificatePath = "hub.certificate-file"
        guard let (path, value) = choose(names[0], names[1], names[2], names[3], certificatePath) else {
            let isReported = layers.errors.contains { names.contains($0.path) }
            if !isReported { missing(names[0], at: origin) }
            return nil
        }
        guard path != certificatePath else { return certificate().map { .certificate($0) } }
        let key = secret(value, path, .secretKey)
        return path.contains("group")
            ? key.map(ProvisioningConfiguration.Key.group) : key.map(ProvisioningConfiguration.Key.device)
    }
}

extension FileReadFailure {
    /// What happened, for "cannot be read: …".
    package var reason: String {
        switch self {
        case .notFound: "there is no such file"
        case .permission: "access is denied"
        case .isDirectory: "it is a folder"
        case .tooLarge: "it is too large"
        case .other(let text): printable(text, limit: 200)
        }
    }

    /// What to do about it, a full sentence.
    var advice: String {
        switch self {
        case .notFound: "Check the path."
        case .permission: "Give the user who runs sensor-agent the right to read it."
        case .isDirectory: "Name the file in it."
        case .tooLarge, .other: "Check that it is the right file."
        }
    }
}
