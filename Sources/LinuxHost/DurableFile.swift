// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A small file that a loss of power leaves either as it was or as it was to become.
package struct DurableFile: Sendable {
    /// What is longer is taken for damaged.
    static let longest = 262_144

    /// Where it is.
    package let path: String

    /// Names a file in a directory that exists.
    package init(_ path: String) { self.path = path }

    /// The content; `nil` where there is no such file.
    package func read() throws(HostError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= Self.longest {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
        throw HostError("read", location: path, errno: EFBIG)
    }

    /// Puts `bytes` in the place of the content; on the disk when this returns.
    ///
    /// A new file is written, flushed and renamed over the old one, then the directory is flushed.
    package func write(_ bytes: [UInt8]) throws(HostError) {
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", temporary) }
        do throws(HostError) {
            try writeAll(bytes, to: descriptor, temporary)
            guard fsync(descriptor) == 0 else { throw failure("fsync", temporary) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        // Some file systems tell of a failed write only here.
        guard close(descriptor) == 0 else { throw failure("close", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("rename", temporary) }
        try flushDirectory()
    }

    /// Gives the file another name, so that somebody can look at it and it is in nobody's way.
    package func setAside(as suffix: String) throws(HostError) {
        guard rename(path, path + suffix) == 0 else { throw failure("rename") }
    }

    private func writeAll(_ bytes: [UInt8], to descriptor: CInt, _ name: String) throws(HostError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", name) }
            rest = rest.dropFirst(count)
        }
    }

    private func flushDirectory() throws(HostError) {
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", directory) }
    }

    private func failure(_ operation: String, _ place: String? = nil) -> HostError {
        HostError(
            operation, location: place ?? path, errno: errno,
            advice: "Check the disk and the rights of the state directory.")
    }
}
