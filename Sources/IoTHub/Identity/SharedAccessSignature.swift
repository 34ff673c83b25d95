// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import COpenSSL
package import Secrets

/// SAS tokens and derived keys (protocol reference 3).
package enum SharedAccessSignature {
    /// The token that proves the possession of `key` for `resourceURI` until `expiry`.
    ///
    /// - Parameters:
    ///   - resourceURI: `{hub}/devices/{id}` or `{scope}/registrations/{id}`, not encoded.
    ///   - key: base64; throws where it is not.
    ///   - expiry: seconds since 1970-01-01 UTC.
    ///   - keyName: the `skn` field; none for a device key at the hub, `registration` at DPS.
    package static func token(
        resourceURI: String, key: Secret, expiry: Int64, keyName: String?
    ) throws(IdentityError) -> Secret {
        let resource = PercentEncoding.encode(resourceURI)
        let signature = try sign("\(resource)\n\(expiry)", with: key)
        let suffix = keyName.map { "&skn=\($0)" } ?? ""
        return Secret(
            "SharedAccessSignature sr=\(resource)&sig=\(PercentEncoding.encode(signature))&se=\(expiry)\(suffix)"
        )
    }

    /// The key of one device of an enrollment group, base64.
    package static func deviceKey(groupKey: Secret, registrationID: String) throws(IdentityError) -> Secret {
        Secret(try sign(registrationID, with: groupKey))
    }

    /// A text that only the owner of `key` could have made of `text`, and that tells neither.
    static func fingerprint(of text: String, key: Secret) throws(IdentityError) -> String {
        // The prefix keeps it apart from what signs a token.
        try sign("assignment\n\(text)", with: key)
    }

    /// Base64 of HMAC-SHA256 over the UTF-8 of a text.
    ///
    /// C function: `HMAC`.
    private static func sign(_ text: String, with key: Secret) throws(IdentityError) -> String {
        guard var keyBytes = Base64.decode(key.reveal()), !keyBytes.isEmpty else {
            throw IdentityError("Invalid Symmetric Key: it is not base64; copy it again, whole.")
        }
        defer { OPENSSL_cleanse(&keyBytes, keyBytes.count) }
        let message = Array(text.utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        let result = HMAC(
            EVP_sha256(), keyBytes, CInt(clamping: keyBytes.count), message, message.count, &digest, &length)
        guard result != nil, length == 32 else {
            throw IdentityError("libcrypto cannot compute HMAC-SHA256; check the installation of OpenSSL.")
        }
        return Base64.encode(digest)
    }
}
