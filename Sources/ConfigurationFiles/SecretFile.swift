// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Who may do what with a file, and who asks: the facts of `fstat` and `geteuid`.
package struct FileAccess: Sendable, Hashable {
    /// The permission bits, 0…0o7777.
    package var mode: UInt32
    /// The number of the user whom the file belongs to.
    package var owner: UInt32
    /// The number of the group that the file belongs to.
    package var group: UInt32
    /// The number of the user who runs this program.
    package var user: UInt32

    /// Makes the facts from their parts.
    package init(mode: UInt32, owner: UInt32, group: UInt32 = 0, user: UInt32) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.user = user
    }

    /// Whether it is root's, and root has given it to a group, as packages do: `root:sensor-agent`, mode 0640.
    fileprivate var isGivenToGroup: Bool { owner == 0 && group != 0 }
}

/// What a file holds, and who else could read it.
package struct FileContents: Sendable {
    /// The file's bytes.
    package var bytes: [UInt8]
    /// `nil` where nothing is known of it, as of files in memory.
    package var access: FileAccess?

    /// Makes contents from their parts.
    package init(bytes: [UInt8], access: FileAccess? = nil) {
        self.bytes = bytes
        self.access = access
    }
}

extension ConfigurationFileReader {
    /// Reads like ``read(_:)``, without knowing who else could.
    package func contents(of path: String) throws(FileReadFailure) -> FileContents {
        FileContents(bytes: try read(path))
    }
}

/// Which files a secret may be in.
package struct SecretFileRule: Sendable {
    /// Why a secret must not be in a file: what is wrong, and what to type.
    package struct Objection: Sendable, Hashable {
        /// A full sentence.
        package var problem: String
        /// A full sentence with the command.
        package var advice: String
    }

    /// systemd's folder of credentials, which it protects itself; its files look readable to a group where it gives
    /// the service access by an ACL.
    private let credentials: String?

    /// Takes systemd's folder from the environment.
    package init(environment: [String: String]) {
        credentials = StandardDirectories.credentials(environment: environment)
    }

    /// What speaks against a secret in the file `path`; `nil` where nobody else can use it.
    ///
    /// The owner has to be the user or root; of root's files a group may read, to which root has given them.
    package func objection(to path: String, _ access: FileAccess?) -> Objection? {
        guard let access, !isCredential(path) else { return nil }
        let allowed: UInt32 = access.isGivenToGroup ? 0o040 : 0
        if access.mode & 0o077 & ~allowed != 0 {
            let mode = String(access.mode & 0o777, radix: 8)
            return Objection(
                problem: "\(printable(path, limit: 200)) is open to others than its owner (mode 0\(mode)).",
                advice: "Type: \(command(path, access))")
        }
        guard access.owner == access.user || access.owner == 0 else {
            return Objection(
                problem: "\(printable(path, limit: 200)) belongs to another user (number \(access.owner)).",
                advice: "Type: sudo chown \(access.user) \(shellWord(path))")
        }
        return nil
    }

    /// Closes the file without shutting the user out who asks.
    private func command(_ path: String, _ access: FileAccess) -> String {
        let file = shellWord(path)
        if access.isGivenToGroup { return "sudo chmod 0640 \(file)" }
        guard access.owner == 0, access.user != 0 else { return "chmod go= \(file)" }
        return "sudo chown \(access.user) \(file) && sudo chmod go= \(file)"
    }

    private func isCredential(_ path: String) -> Bool {
        guard let credentials else { return false }
        return path.hasPrefix(credentials + "/") && !path.dropFirst(credentials.count + 1).contains("/")
    }

    /// `path` as one word of a shell.
    private func shellWord(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || "/._-+@%:,".utf8.contains($0)
        }
        let quoted = printable(path, limit: 1000).split(separator: "'", omittingEmptySubsequences: false)
        return isPlain ? path : "'\(quoted.joined(separator: "'\\''"))'"
    }
}
