// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets
import Testing

@testable import IoTHub

@Suite struct SharedAccessSignatureTests {
    @Test("Tokens are those of Microsoft's client", arguments: Vectors.tokens.tokens)
    func token(vector: TokenVectors.Token) throws {
        let token = try SharedAccessSignature.token(
            resourceURI: vector.resource_uri, key: Secret(vector.key_base64), expiry: vector.expiry,
            keyName: vector.key_name)
        #expect(token.reveal() == vector.token)
    }

    @Test("Device keys are derived from group keys", arguments: Vectors.tokens.group_derived_keys)
    func derived(vector: TokenVectors.GroupKey) throws {
        let settings = try ProvisioningSettings(
            idScope: vector.id_scope, registrationID: vector.registration_id,
            credential: .groupKey(Secret(vector.group_key_base64)))
        let key = try #require(try settings.deviceKey())
        #expect(key.reveal() == vector.derived_device_key_base64)
        let token = try SharedAccessSignature.token(
            resourceURI: "\(vector.id_scope)/registrations/\(vector.registration_id)", key: key,
            expiry: vector.expiry, keyName: "registration")
        #expect(token.reveal() == vector.dps_token)
    }

    @Test(
        "A key that is not base64 is an error",
        arguments: ["", "abc", "ab=c", "a===", "not base64!", "YWJj\n"])
    func badKey(text: String) {
        #expect(throws: IdentityError.self) {
            try SharedAccessSignature.token(
                resourceURI: "h/devices/d", key: Secret(text), expiry: 1, keyName: nil)
        }
    }

    @Test("Base64 is read back as it was written")
    func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("foobar".utf8)) == "Zm9vYmFy")
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        #expect(Base64.encode(Array("foob".utf8)) == "Zm9vYg==")
        #expect(Base64.decode("Zm9v YmFy") == nil)
        #expect(Base64.decode("Zm9vYg==Zm9v") == nil)
        #expect(Base64.decode("Zm-_") == nil)
    }
}
