// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub

/// The files of the device's certificate, read as the hub's connection will read them.
struct DeviceCertificate {
    /// Which file or phrase cannot be used, and why; never contains the pass phrase.
    struct Failure: Error {
        let part: CertificateError.Part
        /// A full sentence.
        let problem: String
        let advice: String
    }

    let files: CertificateConfiguration

    /// What the certificate says, or what is wrong with the files.
    func read() throws(Failure) -> CertificateFacts {
        let certificate = try contents(files.certificateFile, .certificate)
        let key = try contents(files.keyFile, .key)
        let rule = SecretFileRule(environment: Environment.all)
        if let objection = rule.objection(to: files.keyFile, key.access) {
            throw Failure(part: .key, problem: objection.problem, advice: objection.advice)
        }
        do throws(CertificateError) {
            return try CertificateFacts(
                certificate: certificate.bytes, key: key.bytes, passPhrase: files.passPhrase)
        } catch {
            let file = error.part == .certificate ? files.certificateFile : files.keyFile
            throw Failure(
                part: error.part, problem: "\(file) cannot be used: \(error.problem).", advice: error.advice)
        }
    }

    private func contents(
        _ file: String, _ part: CertificateError.Part
    ) throws(Failure) -> FileContents {
        do throws(FileReadFailure) {
            return try DiskFileReader().contents(of: file)
        } catch {
            throw Failure(
                part: part, problem: "\(file) cannot be read: \(error.reason).",
                advice: "Check the path and who may read it.")
        }
    }
}

extension HubConfiguration {
    /// The certificate that proves the device; `nil` where a symmetric key does.
    var usedCertificate: CertificateConfiguration? {
        switch security {
        case .connectionString(let secret):
            guard let certificate else { return nil }
            let parts = try? ConnectionString(
                parsing: secret, certificate: ClientCertificate(certificate))
            return parts?.proof.certificate == nil ? nil : certificate
        case .provisioning(let settings):
            if case .certificate(let certificate) = settings.key { return certificate }
            return nil
        }
    }
}

extension ClientCertificate {
    /// The files that the configuration names.
    init(_ files: CertificateConfiguration) {
        self.init(
            certificateFile: files.certificateFile, keyFile: files.keyFile, passPhrase: files.passPhrase)
    }
}
