// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// Debian's stock kernel as `scripts/fetch-kernel.sh` unpacked it.
struct KernelPackage: Sendable {
    /// The unpacked package.
    let folder: String
    /// The compressed kernel.
    let image: String

    /// Finds the package in `SENSOR_AGENT_KERNEL`, else in `.cache/kernel/current` of this folder or one above it.
    static func find() throws(EmulatedMachineError) -> KernelPackage {
        if let folder = ProcessInfo.processInfo.environment["SENSOR_AGENT_KERNEL"] {
            return try KernelPackage(folder)
        }
        var start = URL(filePath: FileManager.default.currentDirectoryPath)
        while true {
            let folder = start.appending(path: ".cache/kernel/current").path(percentEncoded: false)
            if FileManager.default.fileExists(atPath: "\(folder)/complete") {
                return try KernelPackage(folder)
            }
            guard start.pathComponents.count > 1 else { break }
            start.deleteLastPathComponent()
        }
        throw .missing("Debian's kernel package is not there: run scripts/fetch-kernel.sh")
    }

    private init(_ folder: String) throws(EmulatedMachineError) {
        let folder = URL(filePath: folder).resolvingSymlinksInPath().path(percentEncoded: false)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/boot")) ?? []
        guard let name = names.first(where: { $0.hasPrefix("vmlinuz-") }) else {
            throw .badFile(folder, "there is no boot/vmlinuz-*")
        }
        self.folder = folder
        image = "\(folder)/boot/\(name)"
    }

    /// A kernel that QEMU boots: decompressed once and kept, or as it is where that cannot be done.
    func bootable() async throws -> String {
        let kept = "\(folder)/vmlinux"
        if FileManager.default.fileExists(atPath: kept) { return kept }
        guard let elf = await KernelImage.decompressed(try Data(contentsOf: URL(filePath: image))) else {
            return image
        }
        // Atomic: another test process may be doing the same.
        guard (try? elf.write(to: URL(filePath: kept), options: .atomic)) != nil else { return image }
        return kept
    }

    /// The modules of the package.
    func modules() throws -> KernelModules {
        try KernelModules(under: "\(folder)/lib/modules")
    }
}
