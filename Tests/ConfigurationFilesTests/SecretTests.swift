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

    /// The runner prints arguments, and its output is searched for keys: so they hold placeholders.
    private static func filled(_ toml: String) -> String {
        toml.replacing("STRING", with: string).replacing("KEY", with: key)
    }

    @Test(
        "Printing, interpolating and dumping a configuration shows no key",
        arguments: [
            "hub.connection-string = \"STRING\"",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", device-key = \"KEY\" }",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", group-key = \"KEY\" }",
            "hub.dps = { id-scope = \"x\", registration-id = \"d\", group-key-file = \"k\" }",
        ])
    func configuration(toml: String) throws {
        let toml = Self.filled(toml)
        let text = everyText(of: try load(toml, files: ["/c/k": Self.key]))
        #expect(text.contains("<redacted>"))
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test(
        "No error shows a key, wherever it was put by mistake",
        arguments: [
            "hub.connection-string = STRING", "hub.connection-string = [\"STRING\"]",
            "hub.dps.device-key = KEY", "hub.dps.device-key = \"KEY",
            "hub.dps.device-key = \"KEY!\"",
            "hub.dps.device-key = 'KEY' 'KEY'", "hub.dps.devicekey = \"KEY\"",
            "[hub]\nsecurity = \"STRING\"", "[hub]\nconection-string = \"STRING\"",
            "[hub.dps]\ndevice-key = \"KEY\"\ngroup-key = \"KEY\"", "hub = \"STRING\"",
            "[hub]\nca-file = \"\"\nconnection-string = \"STRING\"\n[hub]",
            "[hub]\nconnection-string = '''\nSTRING",
            "device-key = \"KEY\"", "log.level = \"STRING\"",
            "hub.connection-string = \"STRING\"\nhub.connection-string = \"STRING\"",
        ])
    func errors(toml: String) {
        let lines = complaints(Self.filled(toml))
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
