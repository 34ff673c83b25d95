// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Glibc

/// Reads configuration files from the disk, small ones only.
struct DiskFileReader: ConfigurationFileReader {
    /// No configuration is larger; a device file or a log given by mistake would be.
    var largest = 1 << 20

    func read(_ path: String) throws(FileReadFailure) -> [UInt8] { try contents(of: path).bytes }

    func contents(of path: String) throws(FileReadFailure) -> FileContents {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Self.failure(errno) }
        defer { close(file) }
        // Of the open file: what is read is what was looked at.
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw Self.failure(errno) }
        let access = FileAccess(
            mode: facts.st_mode & 0o7777, owner: facts.st_uid, group: facts.st_gid, user: geteuid())
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR || (errno == EAGAIN && waitForWriter(file)) { continue }
            guard count >= 0 else { throw Self.failure(errno) }
            guard count > 0 else { return FileContents(bytes: bytes, access: access) }
            bytes += chunk[..<count]
            guard bytes.count <= largest else { throw .tooLarge }
        }
    }

    /// Why a file of certificate authorities cannot be used; `nil` where nothing speaks against it.
    static func certificateProblem(of path: String) -> String? {
        do throws(FileReadFailure) {
            let text = String(decoding: try DiskFileReader().read(path), as: UTF8.self)
            return text.contains("-----BEGIN ") ? nil : "it holds no certificate in PEM form"
        } catch {
            return error.reason
        }
    }

    /// The board files of a folder, sorted; none where there is no such folder.
    static func boardFiles(in folder: String) -> [String] {
        files(in: folder, "", ".toml").map { "\(folder)/\($0)" }
    }

    /// The names of a folder's files that begin and end so, sorted; none where there is no such folder.
    static func files(in folder: String, _ prefix: String, _ suffix: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix), name.hasSuffix(suffix) { names.append(name) }
        }
        return names.sorted()
    }

    /// A shell's `<(…)` is a pipe whose writer may need a moment.
    private func waitForWriter(_ file: Int32) -> Bool {
        var input = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, 5_000) > 0
    }

    private static func failure(_ number: Int32) -> FileReadFailure {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EACCES, EPERM: .permission
        case EISDIR: .isDirectory
        default: .other(String(cString: strerror(number)))
        }
    }
}
