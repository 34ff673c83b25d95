// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Assembly {
    /// What the command `reboot` does; the mode `command` needs one.
    mutating func reboot() -> RebootConfiguration {
        var reboot = RebootConfiguration()
        reboot.mode = text("reboot.mode").flatMap(RebootConfiguration.Mode.init)
        if case .words(let words) = best("reboot.command")?.value { reboot.command = words }
        reboot.minimumUptime = duration("reboot.minimum-uptime") ?? reboot.minimumUptime
        reboot.perHour = count("reboot.per-hour") ?? reboot.perHour
        reboot.perDay = count("reboot.per-day") ?? reboot.perDay
        reboot.respects =
            text("reboot.respects").flatMap(RebootConfiguration.Respect.init) ?? reboot.respects
        if reboot.mode == .command, reboot.command.isEmpty {
            missing("reboot.command", at: best("reboot.mode")?.origin ?? .default)
        }
        return reboot
    }
}
