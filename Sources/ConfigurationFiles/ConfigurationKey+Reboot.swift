// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension ConfigurationKey {
    static let reboot: [ConfigurationKey] = [
        ConfigurationKey(
            "reboot.mode", .word(["dry-run", "off", "logind", "command"]),
            default: "\"dry-run\" with --simulate, else \"off\"", "What the command `reboot` does"),
        ConfigurationKey(
            "reboot.command", .words,
            "The program of the mode `command` by its absolute path, and its arguments, for example `[\"/sbin/reboot\"]`"
        ),
        ConfigurationKey(
            "reboot.minimum-uptime", .duration(.zero ... .seconds(3600), whole: false), default: "5min",
            "No reboot on request sooner after the machine's start"),
        ConfigurationKey("reboot.per-hour", .count(1...12), default: "2", "Most reboots on request an hour"),
        ConfigurationKey("reboot.per-day", .count(1...24), default: "3", "Most reboots on request in 24 h"),
        ConfigurationKey(
            "reboot.respects", .word(RebootConfiguration.Respect.allCases.map(\.rawValue)),
            default: "minimum-on",
            "What of a relay that is on refuses a request: nothing, its minimum on time, or that it is on"),
    ]
}
