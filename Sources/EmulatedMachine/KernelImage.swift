// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// A compressed x86 kernel (`vmlinuz`) and the ELF file (`vmlinux`) within it.
///
/// QEMU boots the ELF file directly (PVH), which saves the seconds that an emulated processor needs to decompress.
enum KernelImage {
    /// How the kernel within is compressed.
    enum Compression: Equatable {
        case xz, zstd, gzip, lz4

        /// The program that decompresses from standard input to standard output.
        var command: [String] {
            switch self {
            case .xz: ["xz", "--decompress", "--stdout", "--single-stream"]
            case .zstd: ["zstd", "--decompress", "--stdout", "--quiet"]
            case .gzip: ["gzip", "--decompress", "--stdout", "--quiet"]
            case .lz4: ["lz4", "-d", "-c"]
            }
        }

        /// Tells the compression by its first bytes.
        init?(_ payload: Data) {
            switch payload.prefix(4) {
            case Data([0xFD, 0x37, 0x7A, 0x58]): self = .xz
            case Data([0x28, 0xB5, 0x2F, 0xFD]): self = .zstd
            case Data([0x02, 0x21, 0x4C, 0x18]): self = .lz4
            case let start where start.starts(with: [0x1F, 0x8B]): self = .gzip
            default: return nil
            }
        }
    }

    /// The compressed kernel in a `vmlinuz`, without the size that is appended to it.
    ///
    /// Linux `Documentation/x86/boot.rst`: `setup_sects`, `payload_offset`, `payload_length` (protocol 2.08).
    static func payload(of image: Data) -> Data? {
        func number(_ offset: Int, _ size: Int) -> Int {
            image.dropFirst(offset).prefix(size).reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        guard image.count > 0x250, image.dropFirst(0x202).starts(with: Data("HdrS".utf8)),
            number(0x206, 2) >= 0x0208
        else { return nil }
        let setupSectors = number(0x1F1, 1) == 0 ? 4 : number(0x1F1, 1)
        let start = (setupSectors + 1) * 512 + number(0x248, 4)
        let length = number(0x24C, 4)
        guard length > 4, start + length <= image.count else { return nil }
        return image.dropFirst(start).prefix(length - 4)
    }

    /// Decompresses the kernel in a `vmlinuz`; `nil` where this kernel or this host does not allow it.
    static func decompressed(_ image: Data) async -> Data? {
        guard let payload = payload(of: image), let command = Compression(payload)?.command,
            let elf = try? await HostProgram.filter(payload, through: command), ELFFile(elf) != nil
        else { return nil }
        return elf
    }
}
