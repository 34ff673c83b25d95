// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

@Suite struct RebootConfigurationTests {
    @Test("Mode, command, limits and what is respected") func section() throws {
        #expect(try load(nil).reboot == RebootConfiguration())
        let configuration = try load(
            """
            [reboot]
            mode = "command"
            command = ["/sbin/reboot", "-f", "a b"]
            minimum-uptime = "10min"
            per-hour = 1
            per-day = 24
            respects = "relay-on"
            [host]
            proc-root = "/tmp/proc"
            """)
        #expect(
            configuration.reboot
                == RebootConfiguration(
                    mode: .command, command: ["/sbin/reboot", "-f", "a b"], minimumUptime: .seconds(600),
                    perHour: 1, perDay: 24, respects: .relayOn))
        #expect(configuration.host.procRoot == "/tmp/proc")
    }

    @Test("In a variable a command is its words") func variable() throws {
        let configuration = try load(
            "[reboot]\nmode = \"command\"",
            environment: ["SENSOR_AGENT_REBOOT_COMMAND": "/sbin/shutdown -r now"])
        #expect(configuration.reboot.command == ["/sbin/shutdown", "-r", "now"])
    }

    @Test(
        "What cannot be run is refused with its line",
        arguments: [
            ("mode = \"command\"", "reboot.command: It is not set."),
            ("command = \"/sbin/reboot\"", "reboot.command: Found a text."),
            ("command = []", "reboot.command: Found \"\"."), ("command = [\"reboot\"]", "Found \"reboot\"."),
            ("command = [\"/sbin/reboot\", 5]", "reboot.command: Found an array."),
            ("per-hour = 0", "reboot.per-hour: Found 0."),
            ("respects = \"all\"", "reboot.respects: Found \"all\"."),
        ])
    func mistakes(line: String, text: String) {
        let all = complaints("[reboot]\n\(line)")
        #expect(all.count == 1 && all[0].contains(":2: ") && all[0].contains(text), "\(all)")
    }
}
