// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets
import Testing

@testable import IoTHub

private let key = "vmf4XPs2/VO5o2QHnEVqgEF5DTUWpSjz/bLsjVHcVGE="

@Suite struct ConnectionStringTests {
    @Test("A portal string is read")
    func plain() throws {
        let parsed = try ConnectionString(
            parsing: Secret("HostName=contoso.azure-devices.net;DeviceId=d1;SharedAccessKey=\(key)"))
        #expect(parsed.host == HostAddress(name: "contoso.azure-devices.net", port: nil))
        #expect(parsed.host.port == 8883)
        #expect(parsed.deviceID == "d1")
        #expect(parsed.proof == .key(Secret(key)))
        #expect(parsed.gateway == nil)
    }

    @Test("White space around it, a trailing semicolon, ports and a gateway are understood")
    func tolerant() throws {
        let parsed = try ConnectionString(
            parsing: Secret(
                " \n DeviceId=d1;SharedAccessKey=\(key);HostName=localhost:18883;GatewayHostName=gw.local:9;\n"
            ))
        #expect(parsed.host.name == "localhost")
        #expect(parsed.host.port == 18883)
        #expect(parsed.host.description == "localhost:18883")
        #expect(parsed.gateway == HostAddress(name: "gw.local", port: 9))
    }

    @Test(
        "What is wrong is said, and the key never",
        arguments: [
            ("", "empty"),
            ("HostName", "no '='"),
            ("HostName=h;HostName=h", "HostName stands in it twice"),
            ("HostName=h;;DeviceId=d", "no '='"),
            ("hostname=h;DeviceId=d;SharedAccessKey=KEY", "not known"),
            ("HostName=h;DeviceId=d;SharedAccessKey=KEY;x509=true", "Mixed authentication scheme"),
            ("HostName=h;DeviceId=d;x509=true", "no certificate is configured"),
            ("HostName=h;DeviceId=d;ModuleId=m;SharedAccessKey=KEY", "module"),
            ("HostName=h;SharedAccessKeyName=owner;SharedAccessKey=KEY", "DeviceId missing"),
            ("HostName=h;DeviceId=d", "SharedAccessKey is missing"),
            ("DeviceId=d;SharedAccessKey=KEY", "HostName is missing"),
            ("HostName=h;DeviceId=d;SharedAccessKey=CUT", "not base64"),
            ("HostName=h;DeviceId=d;SharedAccessKey=", "SharedAccessKey is missing"),
            ("HostName=https://h;DeviceId=d;SharedAccessKey=KEY", "without https://"),
            ("HostName=h:0;DeviceId=d;SharedAccessKey=KEY", "1 to 65535"),
            ("HostName=h:70000;DeviceId=d;SharedAccessKey=KEY", "1 to 65535"),
            ("HostName=h;DeviceId=a+b;SharedAccessKey=KEY", "+ or #"),
            ("HostName=h;DeviceId=a b;SharedAccessKey=KEY", "character outside"),
            ("KEY;HostName=h", "not known"),
        ])
    func errors(text: String, expected: String) throws {
        // The runner prints arguments, and its output is searched for keys.
        let text = text.replacing("KEY", with: key).replacing("CUT", with: key.dropLast())
        let error = try #require(throws: IdentityError.self) { try ConnectionString(parsing: Secret(text)) }
        #expect(error.message.contains(expected), "\(error.message)")
        #expect(!error.message.contains(key.prefix(8)))
    }

    @Test("Printing and dumping never show the key")
    func redacted() throws {
        let parsed = try ConnectionString(parsing: Secret("HostName=h;DeviceId=d;SharedAccessKey=\(key)"))
        var dumped = ""
        dump(parsed, to: &dumped)
        dump(HubIdentity.connectionString(parsed), to: &dumped)
        for text in [
            "\(parsed)", "\(HubIdentity.connectionString(parsed))", String(reflecting: parsed), dumped,
        ] {
            #expect(!text.contains(key.prefix(8)))
        }
    }

    @Test(
        "Registration ids follow the rules",
        arguments: ["a", "sn-007", "A.b_c:d-1", String(repeating: "x", count: 128)])
    func goodRegistrationID(text: String) throws {
        #expect(try IdentityRules.registrationID(text) == text)
    }

    @Test(
        "Other registration ids are refused",
        arguments: ["", "-a", "a.", "a b", "ä", "a/b", String(repeating: "x", count: 129)])
    func badRegistrationID(text: String) {
        #expect(throws: IdentityError.self) { try IdentityRules.registrationID(text) }
    }

    @Test("Every character that the hub lists is possible in a device id")
    func deviceID() throws {
        #expect(throws: Never.self) { try IdentityRules.deviceID("aZ09-.%_*?!(),:=@$'") }
        #expect(throws: IdentityError.self) { try IdentityRules.deviceID(String(repeating: "d", count: 129)) }
    }

    @Test("Provisioning settings are checked before anything is sent")
    func provisioning() {
        #expect(throws: IdentityError.self) {
            try ProvisioningSettings(idScope: "", registrationID: "a", credential: .deviceKey(Secret(key)))
        }
        #expect(throws: IdentityError.self) {
            try ProvisioningSettings(
                idScope: "0ne", registrationID: "a", credential: .groupKey(Secret("nonsense")))
        }
    }

    @Test(
        "Numeric addresses are read",
        arguments: [("[::1]:8883", "::1", 8883), ("127.0.0.5", "127.0.0.5", nil)])
    func addresses(text: String, name: String, port: UInt16?) throws {
        let address = try HostAddress(parsing: text)
        #expect(address == HostAddress(name: name, port: port))
        #expect(address.description == text)
    }
}
