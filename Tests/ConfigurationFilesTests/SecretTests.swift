// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

@Suite struct SecretTests {
    private static let key = "c2VjcmV0LWtleS1vZi1hLWRldmljZQ=="
    private static let string = "HostName=h;DeviceId=d;SharedAccessKey=\(key)"

    private func everyText(of configuration: AgentConfiguration) -> String {
        var text = ""
        dump(configuration, to: &text)
        print(configuration, String(reflecting: configuration), to: &text)
        print("\(configuration.settings)", "\(String(describing: configuration.hub))", to: &text)
        return text
    }

    @Test(
        "Printing, interpolating and dumping a configuration shows no key",
        arguments: [
            "hub.connection-string = \"\(string)\"",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", device-key = \"\(key)\" }",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", group-key = \"\(key)\" }",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", group-key-file = \"k\" }",
        ])
    func configuration(toml: String) throws {
        let text = everyText(of: try load(toml, files: ["/c/k": Self.key]))
        #expect(text.contains("<redacted>"))
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test(
        "No error shows a key, wherever it was put by mistake",
        arguments: [
            "hub.connection-string = \(string)", "hub.connection-string = [\"\(string)\"]",
            "hub.dps.device-key = \(key)", "hub.dps.device-key = \"\(key)",
            "hub.dps.device-key = \"\(key)!\"",
            "hub.dps.device-key = '\(key)' '\(key)'", "hub.dps.devicekey = \"\(key)\"",
            "[hub]\nsecurity = \"\(string)\"", "[hub]\nconection-string = \"\(string)\"",
            "[hub.dps]\ndevice-key = \"\(key)\"\ngroup-key = \"\(key)\"", "hub = \"\(string)\"",
            "[hub]\nca-file = \"\"\nconnection-string = \"\(string)\"\n[hub]",
            "[hub]\nconnection-string = '''\n\(string)",
            "device-key = \"\(key)\"", "log.level = \"\(string)\"",
            "hub.connection-string = \"\(string)\"\nhub.connection-string = \"\(string)\"",
        ])
    func errors(toml: String) {
        let lines = complaints(toml)
        #expect(!lines.isEmpty)
        #expect(!lines.contains { $0.contains("c2VjcmV0") }, "\(lines)")
    }

    @Test("A key in the wrong variable is not shown either")
    func variables() {
        let lines = complaints(
            nil,
            environment: [
                "IOTHUB_DEVICE_SECURITY_TYPE": Self.string, "IOTHUB_DEVICE_DPS_DEVICE_KEY": Self.key + "!",
                "SENSOR_AGENT_HUB_KEY": Self.key,
            ])
        #expect(lines.count == 3)
        #expect(!lines.contains { $0.contains("c2VjcmV0") })
    }
}
