// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Writes the archive that a Linux kernel unpacks as its first root file system.
///
/// Format "newc": Linux `Documentation/driver-api/early-userspace/buffer-format.rst`.
struct CPIOArchive {
    private var archive: [UInt8] = []
    private var nextInode: UInt32 = 1

    private enum Mode {
        static let folder: UInt32 = 0o040_755
        static let file: UInt32 = 0o100_000
        static let link: UInt32 = 0o120_777
        static let characterDevice: UInt32 = 0o020_600
    }

    /// Adds a folder; the folders above it must have been added before.
    mutating func addFolder(_ path: String) {
        add(path, mode: Mode.folder, content: [])
    }

    /// Adds a file.
    mutating func addFile(_ path: String, _ content: some Collection<UInt8>, isExecutable: Bool = false) {
        add(path, mode: Mode.file | (isExecutable ? 0o755 : 0o644), content: Array(content))
    }

    /// Adds a symbolic link.
    mutating func addLink(_ path: String, to target: String) {
        add(path, mode: Mode.link, content: Array(target.utf8))
    }

    /// Adds a character device.
    mutating func addCharacterDevice(_ path: String, major: UInt32, minor: UInt32) {
        add(path, mode: Mode.characterDevice, content: [], device: (major, minor))
    }

    /// The whole archive with its end mark.
    func finished() -> [UInt8] {
        var copy = self
        copy.nextInode = 0
        copy.add("TRAILER!!!", mode: 0, content: [])
        return copy.archive
    }

    private mutating func add(
        _ path: String, mode: UInt32, content: [UInt8], device: (major: UInt32, minor: UInt32) = (0, 0)
    ) {
        let name = Array(path.utf8) + [0]
        let fields: [UInt32] = [
            nextInode, mode, 0, 0, 1, 0, UInt32(content.count), 0, 0, device.major, device.minor,
            UInt32(name.count), 0,
        ]
        archive += Array("070701".utf8)
        for field in fields { archive += hexadecimal(field) }
        archive += name
        pad()
        archive += content
        pad()
        nextInode += 1
    }

    /// Names and contents end on multiples of four.
    private mutating func pad() {
        archive += Array(repeating: 0, count: (4 - archive.count % 4) % 4)
    }

    private func hexadecimal(_ value: UInt32) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return stride(from: 28, through: 0, by: -4).map { digits[Int(value >> UInt32($0) & 0xF)] }
    }
}
