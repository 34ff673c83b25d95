// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

extension Assembly {
    /// The device's certificate, or `nil` where none is set or what is said is wrong.
    mutating func certificate() -> CertificateConfiguration? {
        let (certificate, key) = (best("hub.certificate-file"), best("hub.certificate-key-file"))
        guard let origin = (certificate ?? key)?.origin else { return nil }
        guard let certificateFile = text("hub.certificate-file") else {
            missing("hub.certificate-file", at: origin)
            return nil
        }
        guard let keyFile = text("hub.certificate-key-file") else {
            missing("hub.certificate-key-file", at: origin)
            return nil
        }
        return CertificateConfiguration(
            certificateFile: certificateFile, keyFile: keyFile,
            passPhrase: oneOf("hub.certificate-pass-phrase", "hub.certificate-pass-phrase-file"))
    }

    /// The proxy, or `nil` where none is set or what is said is wrong.
    mutating func proxy() -> ProxyConfiguration? {
        let password = oneOf("hub.proxy-password", "hub.proxy-password-file")
        guard let chosen = best("hub.proxy"), case .endpoint(let address) = chosen.value else {
            let rest = best("hub.proxy-user") ?? best("hub.proxy-password") ?? best("hub.proxy-password-file")
            if let rest { missing("hub.proxy", at: rest.origin) }
            return nil
        }
        let user = text("hub.proxy-user")
        if user == nil, password != nil { missing("hub.proxy-user", at: chosen.origin) }
        if user != nil, password == nil { missing("hub.proxy-password", at: chosen.origin) }
        return ProxyConfiguration(address: address, user: user, password: password)
    }

    /// The secret that stands in one of two keys, itself or by its file.
    private mutating func oneOf(_ value: String, _ file: String) -> Secret? {
        guard let (path, chosen) = choose(value, file) else { return nil }
        return secret(chosen, path, .secret)
    }

    /// The secret itself, or the one in the file that the value names.
    mutating func secret(_ value: LayeredValue, _ path: String, _ kind: ValueKind) -> Secret? {
        switch value.value {
        case .secret(let secret):
            guard value.layer != .flag else {
                fail(
                    .exposed, at: value.origin, path,
                    "What stands in a flag can be read by every user of this machine, as `ps` shows it.",
                    "Set \(path)-file, or the variable \(ConfigurationKey.variable([path.replacing(".", with: "_")]))."
                )
                return nil
            }
            return secret
        case .text(let file):
            switch readFile(file) {
            case .failure(let failure):
                fail(
                    .unreadable, at: value.origin, path, "\(file) cannot be read: \(failure.reason).",
                    failure.advice)
                return nil
            case .success(let contents):
                if let objection = secretFiles.objection(to: file, contents.access) {
                    fail(.exposed, at: value.origin, path, objection.problem, objection.advice)
                    return nil
                }
                do throws(Refusal) {
                    let checked = try kind.check(SecretText.trimmed(contents.bytes))
                    guard case .secret(let secret) = checked else { return nil }
                    return secret
                } catch {
                    fail(
                        error.kind, at: value.origin, path, "\(file) does not hold it. \(error.problem)",
                        error.advice)
                    return nil
                }
            }
        default: return nil
        }
    }

    /// Refuses `agent.toml` where a secret stands in it that others could read; said once, of the first.
    mutating func refuseExposedFile(_ access: FileAccess?) {
        guard let document, let first = layers.secretsInFile().first,
            let objection = secretFiles.objection(to: document.file, access)
        else { return }
        let path = pathText(first.path)
        fail(
            .exposed, at: first.origin, path, objection.problem,
            "\(objection.advice) (or keep the secret in a file of its own: \(path)-file)")
    }
}
