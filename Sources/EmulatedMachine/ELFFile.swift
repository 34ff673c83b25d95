// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The little that is asked of an ELF file: is it one, does it need a loader, what is in a section.
///
/// 64-bit, little endian: System V ABI, chapters 4 and 5.
struct ELFFile {
    private let bytes: Data

    private static let loaderSegment: UInt64 = 3

    /// Takes the bytes of a file, or `nil` where they are no 64-bit little-endian ELF file.
    init?(_ bytes: Data) {
        guard bytes.count >= 64, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return nil }
        self.bytes = bytes
    }

    /// Whether the program needs a loader and shared libraries.
    var needsLoader: Bool {
        table(at: 0x20, entrySizeAt: 0x36, countAt: 0x38).contains { number($0, 4) == Self.loaderSegment }
    }

    /// The bytes of the section with this name.
    func section(_ name: String) -> Data? {
        let headers = table(at: 0x28, entrySizeAt: 0x3A, countAt: 0x3C)
        guard let nameIndex = number(0x3E, 2).map(Int.init), headers.indices.contains(nameIndex),
            let names = content(headers[nameIndex])
        else { return nil }
        let wanted = Data(name.utf8) + [0]
        for header in headers {
            guard let offset = number(header, 4).map(Int.init), offset + wanted.count <= names.count,
                names.dropFirst(offset).starts(with: wanted)
            else { continue }
            return content(header)
        }
        return nil
    }

    /// The bytes that a section header points to.
    private func content(_ header: Int) -> Data? {
        guard let offset = number(header + 0x18, 8), let size = number(header + 0x20, 8),
            offset <= bytes.count, size <= UInt64(bytes.count) - offset
        else { return nil }
        let start = bytes.startIndex + Int(offset)
        return bytes[start..<start + Int(size)]
    }

    /// The offsets of the entries of a header table.
    private func table(at offset: Int, entrySizeAt: Int, countAt: Int) -> [Int] {
        guard let start = number(offset, 8), let size = number(entrySizeAt, 2),
            let count = number(countAt, 2),
            start <= bytes.count
        else { return [] }
        return (0..<Int(count)).map { Int(start) + $0 * Int(size) }
    }

    private func number(_ offset: Int, _ size: Int) -> UInt64? {
        guard offset >= 0, offset + size <= bytes.count else { return nil }
        let start = bytes.startIndex + offset
        return bytes[start..<start + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
