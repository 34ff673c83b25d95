// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Says what is missing where the kernel refuses a device file.
enum AccessAdvice {
    /// A sentence for `EACCES` and `EPERM` on the device file at `path`, and nothing for other numbers.
    ///
    /// `rule` is the udev rule that gives such files to a group.
    static func sentence(for number: CInt, path: String, rule: String) -> String {
        guard number == EACCES || number == EPERM else { return "" }
        var information = stat()
        guard stat(path, &information) == 0 else { return "Run as a user who may open \(path)." }
        let group = information.st_gid == 0 ? nil : groupName(information.st_gid)
        return sentence(mode: information.st_mode, group: group, rule: rule)
    }

    /// The sentence for a file with this mode that belongs to `group`; `nil` stands for root's group or one without a name.
    static func sentence(mode: mode_t, group: String?, rule: String) -> String {
        let groupMayUseIt = mode & (S_IRGRP | S_IWGRP) == S_IRGRP | S_IWGRP
        guard groupMayUseIt, let group else {
            return """
                Only root may use it: put this udev rule into /etc/udev/rules.d/60-sensor-agent.rules, run \
                "udevadm control --reload; udevadm trigger", and add your user to that group: \(rule)
                """
        }
        return """
            Members of group \(group) may use it: run "sudo usermod -aG \(group) $USER" and log in again, or in a \
            systemd unit set SupplementaryGroups=\(group).
            """
    }

    private static func groupName(_ identifier: gid_t) -> String? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getgrgid_r(identifier, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.gr_name
        else { return nil }
        return String(cString: name)
    }
}
