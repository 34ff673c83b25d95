// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import HardwareIO

/// Looks into directories and small files of sysfs.
enum SysfsTree {
    /// The names in a directory, sorted; empty where it does not exist.
    static func names(in directory: String) -> [String] {
        opendir(directory).map(names) ?? []
    }

    /// The names in a directory that is open, sorted; empty where it has gone.
    ///
    /// C function: `fdopendir`, which takes the new descriptor over.
    static func names(in directory: borrowing FileDescriptor) -> [String] {
        let own = openat(directory.number, ".", O_RDONLY | O_CLOEXEC)
        guard own >= 0 else { return [] }
        guard let stream = fdopendir(own) else {
            close(own)
            return []
        }
        return names(stream)
    }

    private static func names(_ stream: OpaquePointer) -> [String] {
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether `path` is a directory.
    static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// The content of a one-line file without its newline, or `nil` where it cannot be read.
    static func line(_ path: String) -> String? {
        guard let bytes = try? content(of: path) else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// The whole content by one read from offset 0, as attributes of sysfs want to be read.
    static func content(of path: String, advice: (CInt) -> String = { _ in "" }) throws(BusError) -> [UInt8] {
        try content(of: FileDescriptor(path, O_RDONLY, advice: advice), path: path, advice: advice)
    }

    /// The whole content of an open file by one read; `path` is for error texts.
    static func content(
        of file: borrowing FileDescriptor, path: String, advice: (CInt) -> String
    ) throws(BusError) -> [UInt8] {
        let number = file.number
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try systemCall("read", at: path, advice: advice) {
            read(number, &buffer, buffer.count)
        }
        return Array(buffer.prefix(count))
    }

    /// Writes an open file in one call; `path` is for error texts.
    static func write(
        _ bytes: [UInt8], to file: borrowing FileDescriptor, path: String, advice: (CInt) -> String
    ) throws(BusError) {
        let number = file.number
        let count = try systemCall("write", at: path, advice: advice) {
            Glibc.write(number, bytes, bytes.count)
        }
        guard count == bytes.count else {
            throw BusError(.shortTransfer, operation: "write", location: path)
        }
    }

    /// Whether `name` is nothing but an attribute's name; nothing else becomes part of a path.
    static func isAttribute(_ name: String) -> Bool {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789_".utf8)
        return !name.isEmpty && name.utf8.allSatisfy(allowed.contains)
    }

    /// The last part of the path that a symbolic link points to, or `nil` where there is no link.
    static func linkName(_ path: String) -> String? { linkParts(path).last }

    /// The part before the last of the path that a symbolic link points to: a device's parent.
    static func parentName(_ path: String) -> String? { linkParts(path).dropLast().last }

    private static func linkParts(_ path: String) -> [String] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) }
                ?? -1
        }
        guard count > 0 else { return [] }
        return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "/").map(String.init)
    }
}
