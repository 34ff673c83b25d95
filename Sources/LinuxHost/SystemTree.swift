// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// The files in which a Linux system describes itself, below a root that tests can choose.
struct SystemTree: Sendable {
    /// More than any of these files needs; what is longer is cut.
    static let limit = 65_536

    let root: String

    init(_ root: String) {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// The path of a file of the system, for example `/proc/cpuinfo`.
    func path(_ file: String) -> String { root + file }

    /// Up to ``limit`` bytes of a regular file, or `nil` where it cannot be read.
    func bytes(_ file: String) -> [UInt8]? {
        // Without waiting: a pipe in the place of a file must not hold up the start.
        let descriptor = open(path(file), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < Self.limit {
            let count = read(descriptor, &buffer, min(buffer.count, Self.limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// The whole file as text, bytes that are not UTF-8 replaced; `nil` where it cannot be read.
    func text(_ file: String) -> String? {
        bytes(file).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The file as one clean value: up to its first NUL, without control characters and outer blanks; `nil` where empty.
    ///
    /// Device-tree strings end with a NUL, those of DMI with a line feed.
    func value(_ file: String) -> String? {
        guard let bytes = bytes(file) else { return nil }
        return Self.clean(bytes.prefix { $0 != 0 })
    }

    /// The NUL-separated strings of a device-tree list.
    func list(_ file: String) -> [String] {
        (bytes(file) ?? []).split(separator: 0).compactMap(Self.clean)
    }

    /// One line of at most 128 printable characters, or `nil` where nothing is left.
    static func clean(_ bytes: some Sequence<UInt8>) -> String? {
        let text = String(decoding: Array(bytes), as: UTF8.self)
        let printable = text.unicodeScalars.map { scalar in
            let kind = scalar.properties.generalCategory
            return kind == .control || kind == .format || scalar == "\u{FFFD}" ? " " : Character(scalar)
        }
        let words = String(printable).split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty else { return nil }
        return String(words.joined(separator: " ").prefix(128))
    }
}
