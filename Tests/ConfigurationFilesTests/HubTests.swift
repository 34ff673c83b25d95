// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Secrets
import Testing

@Suite struct HubTests {
    private static let sample = [
        "IOTHUB_DEVICE_SECURITY_TYPE": "DPS", "IOTHUB_DEVICE_DPS_ID_SCOPE": "0ne1",
        "IOTHUB_DEVICE_DPS_DEVICE_ID": "d1",
        "IOTHUB_DEVICE_DPS_DEVICE_KEY": "AAAA",
    ]

    private func key(_ configuration: AgentConfiguration) -> String? {
        guard case .provisioning(let dps) = configuration.hub?.security else { return nil }
        return switch dps.key {
        case .device(let key): "device \(key.reveal())"
        case .group(let key): "group \(key.reveal())"
        case .certificate(let files): "certificate \(files.certificateFile) \(files.keyFile)"
        }
    }

    @Test("The sample's variables alone make a hub by DPS at the global endpoint")
    func sampleDPS() throws {
        let configuration = try load(nil, environment: Self.sample)
        guard case .provisioning(let dps) = configuration.hub?.security else {
            Issue.record("no DPS")
            return
        }
        #expect(dps.endpoint == HostAndPort(host: "global.azure-devices-provisioning.net"))
        #expect(dps.registrationID == "d1")
        #expect(key(configuration) == "device AAAA")
    }

    @Test("The sample's connection string needs no security type")
    func connectionString() throws {
        let configuration = try load(
            nil, environment: ["IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h;DeviceId=d"])
        guard case .connectionString(let text) = configuration.hub?.security else {
            Issue.record("no connection string")
            return
        }
        #expect(text.reveal() == "HostName=h;DeviceId=d")
    }

    @Test("The security type decides, whatever else is set")
    func explicitSecurity() throws {
        let environment = Self.sample.merging(["IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h"]) { $1 }
        #expect(try key(load(nil, environment: environment)) == "device AAAA")
        let toml = "hub.security = \"connectionString\"\nhub.connection-string = \"HostName=f\""
        let other = environment.filter { $0.key != "IOTHUB_DEVICE_SECURITY_TYPE" }
        guard case .connectionString(let text) = try load(toml, environment: other).hub?.security else {
            Issue.record("no connection string")
            return
        }
        #expect(text.reveal() == "HostName=h")
    }

    @Test("Without a security type the higher place wins, and a tie is an error")
    func inferredSecurity() throws {
        let toml = "[hub]\nconnection-string = \"HostName=f\""
        let environment = Self.sample.filter { $0.key != "IOTHUB_DEVICE_SECURITY_TYPE" }
        #expect(try key(load(toml, environment: environment)) == "device AAAA")
        #expect(
            complaints(toml + "\n[hub.dps]\nid-scope = \"x\"") == [
                "/c/agent.toml:2: hub.security: A connection string and [hub.dps] are both set, and nothing says "
                    + "which one counts. Set security to \"connectionString\" or \"DPS\" in [hub]."
            ])
    }

    @Test("A key of a higher place wins over another kind of key below it")
    func keyPrecedence() throws {
        let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\ngroup-key = \"BBBB\""
        #expect(try key(load(toml)) == "group BBBB")
        #expect(try key(load(toml, environment: ["IOTHUB_DEVICE_DPS_DEVICE_KEY": "AAAA"])) == "device AAAA")
    }

    @Test("Keys are read from files beside the configuration, without white space around")
    func keyFiles() throws {
        let toml = "[hub.dps]\nid-scope = \"x\"\nregistration-id = \"d\"\ngroup-key-file = \"keys/group\""
        #expect(try key(load(toml, files: ["/c/keys/group": " BBBB\r\n"])) == "group BBBB")
        #expect(
            complaints(toml) == [
                "/c/agent.toml:4: hub.dps.group-key-file: /c/keys/group cannot be read: there is no such file. "
                    + "Check the path."
            ])
        #expect(
            complaints(toml, files: ["/c/keys/group": "no base64!"]) == [
                "/c/agent.toml:4: hub.dps.group-key-file: /c/keys/group does not hold it. It is not valid base64. "
                    + "Expected a key in base64; its value is not shown."
            ])
    }

    @Test("What DPS lacks is reported where DPS was asked for, with every way to set it")
    func missing() {
        #expect(
            complaints(nil, environment: ["IOTHUB_DEVICE_SECURITY_TYPE": "DPS"]) == [
                "environment variable IOTHUB_DEVICE_SECURITY_TYPE: hub.dps.device-key: It is not set. Set device-key in "
                    + "[hub.dps], or IOTHUB_DEVICE_DPS_DEVICE_KEY or SENSOR_AGENT_HUB_DPS_DEVICE_KEY.",
                "environment variable IOTHUB_DEVICE_SECURITY_TYPE: hub.dps.id-scope: It is not set. Set id-scope in "
                    + "[hub.dps], or IOTHUB_DEVICE_DPS_ID_SCOPE or SENSOR_AGENT_HUB_DPS_ID_SCOPE.",
                "environment variable IOTHUB_DEVICE_SECURITY_TYPE: hub.dps.registration-id: It is not set. Set "
                    + "registration-id in [hub.dps], or IOTHUB_DEVICE_DPS_DEVICE_ID or "
                    + "SENSOR_AGENT_HUB_DPS_REGISTRATION_ID.",
            ])
    }

    @Test(
        "The security type is taken in its exact case only",
        arguments: ["dps", "Dps", "ConnectionString", "connectionstring", "x509"])
    func caseOfSecurity(word: String) {
        let lines = complaints(
            nil,
            environment: Self.sample.merging(
                ["IOTHUB_DEVICE_SECURITY_TYPE": word, "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=h"]) { $1 }
        )
        #expect(lines.count == 1)
        #expect(lines.first?.contains("Expected \"connectionString\" or \"DPS\".") == true)
    }

    @Test(
        "Registration ids",
        arguments: [
            ("a", true), ("sn-007.A_b:c", true), ("-a", false), ("a-", false), ("a b", false), ("ä", false),
            (String(repeating: "a", count: 128), true), (String(repeating: "a", count: 129), false),
        ])
    func registrationID(id: String, valid: Bool) {
        let environment = Self.sample.merging(["IOTHUB_DEVICE_DPS_DEVICE_ID": id]) { $1 }
        #expect(complaints(nil, environment: environment).isEmpty == valid)
    }
}
