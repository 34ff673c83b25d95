// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The guest's first root file system: static busybox, kernel modules, one script.
enum Initramfs {
    /// Builds the archive; `order` names the modules to load, in this order.
    static func build(
        busybox: Data, modules: [KernelModules.Module], order: [String], hasDisk: Bool
    ) -> [UInt8] {
        var archive = CPIOArchive()
        for folder in [
            "bin", "control", "dev", "jobs", "lower", "modules", "proc", "root", "share", "status", "sys",
            "upper",
        ] {
            archive.addFolder(folder)
        }
        // The kernel opens it for the first program before anything is mounted.
        archive.addCharacterDevice("dev/console", major: 5, minor: 1)
        archive.addFile("bin/busybox", busybox, isExecutable: true)
        archive.addFile("init", Array(GuestInit.script(hasDisk: hasDisk).utf8), isExecutable: true)
        if hasDisk {
            archive.addFile("control/loop", Array(GuestInit.service.utf8))
            archive.addFile("control/emulated-machine.service", Array(GuestInit.unit.utf8))
        }
        for module in modules { archive.addFile("modules/\(module.name).ko", module.content) }
        archive.addFile("modules/order", Array(order.map { $0 + "\n" }.joined().utf8))
        return archive.finished()
    }
}
