// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput

/// What a machine needs from the host.
struct MachineParts: Sendable {
    /// QEMU.
    var qemu: String
    /// Debian's kernel.
    var kernel: KernelPackage
    /// A static busybox.
    var busybox: Data

    /// Finds everything, or throws what is missing and how to get it.
    init() throws(EmulatedMachineError) {
        guard let qemu = HostProgram.find("qemu-system-x86_64") else {
            throw .missing("qemu-system-x86_64 is not installed: apt-get install qemu-system-x86")
        }
        guard let path = HostProgram.find("busybox"),
            let busybox = try? Data(contentsOf: URL(filePath: path)), ELFFile(busybox)?.needsLoader == false
        else { throw .missing("a static busybox is not installed: apt-get install busybox-static") }
        self.qemu = qemu
        self.busybox = busybox
        kernel = try KernelPackage.find()
    }

    /// Writes the first root file system of such a machine.
    func writeInitramfs(of configuration: MachineConfiguration, to path: String) async throws {
        let files = try kernel.modules()
        let loaded = try await files.closure(of: configuration.loadedModules)
        let all = try await files.closure(of: configuration.loadedModules + configuration.spareModules)
        let archive = Initramfs.build(
            busybox: busybox, modules: all, order: loaded.map(\.name), hasDisk: configuration.disk != nil)
        try Data(archive).write(to: URL(filePath: path))
    }
}
