// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub
import Quantities

/// What is wrong with the device's certificate, each with the key that names it.
struct CertificateCheck {
    let configuration: AgentConfiguration

    /// What keeps the certificate from being used at all; empty where none is.
    ///
    /// Its validity is apart: a machine whose clock stands or whose certificate has run out must still control.
    var errors: [ConfigurationError] {
        guard let hub = configuration.hub, let files = hub.usedCertificate else { return [] }
        do throws(DeviceCertificate.Failure) {
            let facts = try DeviceCertificate(files: files).read()
            return nameErrors(facts, hub)
        } catch {
            return [self.error(Self.paths(of: error.part), error.problem, error.advice)]
        }
    }

    /// The error of a certificate that is not valid at `now`; `nil` where it is, or the clock cannot be believed.
    func validityError(at now: Now) -> ConfigurationError? {
        guard let facts, let wall = now.wall, now.wallIsTrusted else { return nil }
        let remark = CertificateExpiry.remark(CertificateExpiry.standing(of: facts, at: wall), facts)
        return remark.isError ? error(["hub.certificate-file"], remark.text, "") : nil
    }

    /// What the certificate says; `nil` without one that can be used.
    var facts: CertificateFacts? {
        guard let files = configuration.hub?.usedCertificate else { return nil }
        return try? DeviceCertificate(files: files).read()
    }

    /// DPS compares the certificate's name with the registration id (protocol reference 11.1).
    private func nameErrors(_ facts: CertificateFacts, _ hub: HubConfiguration) -> [ConfigurationError] {
        guard case .provisioning(let settings) = hub.security,
            facts.commonName?.lowercased() != settings.registrationID.lowercased()
        else { return [] }
        return [
            error(
                ["hub.dps.registration-id"],
                "The certificate is for \(facts.commonName.map { "\"\($0)\"" } ?? "no name"), and the provisioning "
                    + "service wants the registration id to be that name.",
                "Use the certificate's name (its subject's CN), or have one issued for "
                    + "\"\(settings.registrationID)\".")
        ]
    }

    private static func paths(of part: CertificateError.Part) -> [String] {
        switch part {
        case .certificate: ["hub.certificate-file"]
        case .key: ["hub.certificate-key-file"]
        case .passPhrase:
            ["hub.certificate-pass-phrase", "hub.certificate-pass-phrase-file", "hub.certificate-key-file"]
        }
    }

    private func error(_ paths: [String], _ problem: String, _ advice: String) -> ConfigurationError {
        let path = paths.first { configuration.origin(of: $0) != .default } ?? paths[0]
        return ConfigurationError(
            .outOfRange, at: configuration.origin(of: path), path: path, problem: problem, advice: advice)
    }
}
