// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets

extension Layers {
    /// Keys whose credential is not read here: the file's path is the value.
    private static let byPath: Set<String> = ["hub.certificate-file", "hub.certificate-key-file"]

    /// Takes what the service manager hands over (systemd.exec(5), `LoadCredential=`): files named like secret keys.
    mutating func addCredentials(
        in directory: String?, _ read: (String) -> Result<FileContents, FileReadFailure>
    ) {
        guard let directory else { return }
        for key in ConfigurationKey.all where key.isSecret || Self.byPath.contains(key.pathText) {
            let file = "\(directory)/\(key.pathText)"
            let origin = ConfigurationOrigin.file(file, line: 0)
            switch read(file) {
            case .failure(.notFound): continue
            case .failure(let failure):
                errors.append(
                    ConfigurationError(
                        .unreadable, at: origin, path: key.pathText,
                        problem: "It cannot be read: \(failure.reason).", advice: failure.advice))
            case .success(let contents):
                let text = key.isSecret ? SecretText.trimmed(contents.bytes) : file
                set(key.path, key, .credential, origin) { kind throws(Refusal) in try kind.check(text) }
            }
        }
    }

    /// Where `agent.toml` itself says a secret, in the order of its lines.
    func secretsInFile() -> [(path: [String], origin: ConfigurationOrigin)] {
        values.compactMap { path, values -> (path: [String], origin: ConfigurationOrigin)? in
            let own = values.first { $0.layer == .file }
            guard case .secret = own?.value, let own else { return nil }
            return (path, own.origin)
        }
        .sorted { $0.origin.description < $1.origin.description }
    }
}

/// The text of a file that holds nothing but a secret.
enum SecretText {
    /// Without the white space around it, such as an editor's newline at the end.
    static func trimmed(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self).drop { $0.isWhitespace }
        return text.lastIndex { !$0.isWhitespace }.map { String(text[...$0]) } ?? ""
    }
}
