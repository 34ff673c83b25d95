// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// Says who may use a socket that the kernel refuses.
enum SocketAccess {
    /// A sentence for the socket at `path`, after `EACCES`.
    static func advice(path: String) -> String {
        let directory = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        var information = stat()
        // A directory that may not be searched hides the socket, and has the same owner and group.
        guard stat(path, &information) == 0 || stat(directory, &information) == 0 else {
            return "Run this as the agent's user, or as root."
        }
        return sentence(
            mode: information.st_mode, owner: userName(information.st_uid),
            group: information.st_gid == 0 ? nil : groupName(information.st_gid))
    }

    /// The sentence for a socket or directory with this mode; `nil` stands for root's group or a name that is unknown.
    static func sentence(mode: mode_t, owner: String?, group: String?) -> String {
        let isDirectory = mode & S_IFMT == S_IFDIR
        guard let group, mode & (isDirectory ? S_IXGRP : S_IWGRP) != 0 else {
            return owner.map { "Only \($0) may: run this by \"sudo -u \($0)\"." } ?? "Run this as root."
        }
        return """
            Members of group \(group) may: run "sudo usermod -aG \(group) $USER" and log in again, or run this by sudo.
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

    private static func userName(_ identifier: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(identifier, &entry, &buffer, buffer.count, &found) == 0, found != nil,
            let name = entry.pw_name
        else { return nil }
        return String(cString: name)
    }
}
