// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Glibc

/// Reads configuration files from the disk, small ones only.
struct DiskFileReader: ConfigurationFileReader {
    /// No configuration is larger; a device file or a log given by mistake would be.
    private static let largest = 1 << 20

    func read(_ path: String) throws(FileReadFailure) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw Self.failure(errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Self.largest else { throw .tooLarge }
        }
    }

    /// The board files of a folder, sorted; none where there is no such folder.
    static func boardFiles(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".toml") { names.append("\(folder)/\(name)") }
        }
        return names.sorted()
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
