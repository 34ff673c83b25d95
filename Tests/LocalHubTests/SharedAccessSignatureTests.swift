// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Shared access signatures") struct SharedAccessSignatureTests {
    @Test("Every token of the vectors is read, verified and made the same")
    func vectors() throws {
        let tokens = try #require(try Vectors.load("sas-tokens")["tokens"]?.array)
        #expect(tokens.count == 21)
        for vector in tokens {
            let key = try #require(vector["key_base64"]?.string)
            let text = try #require(vector["token"]?.string)
            let resource = try #require(vector["resource_uri"]?.string)
            let expiry = try #require(vector["expiry"]?.integer)
            let token = try #require(SharedAccessSignature(text))
            #expect(token.resource == resource)
            #expect(token.expiry == expiry)
            #expect(token.keyName == vector["key_name"]?.string)
            #expect(token.isSigned(by: key))
            #expect(!token.isSigned(by: "AAAA" + key.dropFirst(4)))
            let name = vector["key_name"]?.string
            #expect(
                SharedAccessSignature.sign(resource: resource, key: key, expiry: expiry, keyName: name)
                    == text)
        }
    }

    @Test("Group keys derive the device keys of the vectors, and these sign their tokens")
    func derivation() throws {
        let groups = try #require(try Vectors.load("sas-tokens")["group_derived_keys"]?.array)
        #expect(!groups.isEmpty)
        for vector in groups {
            let group = try #require(vector["group_key_base64"]?.string)
            let id = try #require(vector["registration_id"]?.string)
            let key = try #require(SharedAccessSignature.deriveKey(group: group, registrationId: id))
            #expect(key == vector["derived_device_key_base64"]?.string)
            let token = try #require(vector["hub_token"]?.string.flatMap(SharedAccessSignature.init))
            #expect(token.isSigned(by: key))
            #expect(!token.isSigned(by: group))
        }
    }

    @Test("The signature covers the text as it was sent, in any order of fields")
    func order() throws {
        let text = try #require(
            SharedAccessSignature.sign(resource: "h/devices/d", key: TestDevice.key, expiry: 99))
        let parts = text.dropFirst("SharedAccessSignature ".count).split(separator: "&")
        let reversed = "SharedAccessSignature " + parts.reversed().joined(separator: "&")
        #expect(try #require(SharedAccessSignature(reversed)).isSigned(by: TestDevice.key))
        let other = text.replacing("%2F", with: "%2f")
        #expect(try #require(SharedAccessSignature(other)).isSigned(by: TestDevice.key) == false)
    }

    @Test(
        "What is no token is refused",
        arguments: [
            "", "SharedAccessSignature", "SharedAccessSignature sr=a&sig=YQ%3D%3D",
            "sharedaccesssignature sr=a&sig=&se=1",
            "SharedAccessSignature sr=a&sig=YQ%3D%3D&se=x",
            "SharedAccessSignature sr=a&sr=a&sig=YQ%3D%3D&se=1",
            "SharedAccessSignature sr=%zz&sig=YQ%3D%3D&se=1", "SharedAccessSignature sr=a&sig=***&se=1",
            "SharedAccessSignature sr=a&sig=YQ%3D%3D&se=1&x=y",
        ])
    func refused(text: String) {
        #expect(SharedAccessSignature(text) == nil)
    }

    @Test("A token covers whole segments only")
    func scope() throws {
        let text = try #require(
            SharedAccessSignature.sign(resource: "H/devices/d1", key: TestDevice.key, expiry: 1))
        let token = try #require(SharedAccessSignature(text))
        #expect(token.covers(["h", "devices", "d1"]))
        #expect(token.covers(["h", "devices", "d1", "modules"]))
        #expect(!token.covers(["h", "devices", "d10"]))
        #expect(!token.covers(["h", "devices", "D1"]))
        #expect(!token.covers(["h", "devices"]))
    }
}
