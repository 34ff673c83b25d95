// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What an emulated machine is made of, and how long it may take.
package struct MachineConfiguration: Sendable {
    /// Kernel modules besides those that the guest itself needs; what they depend on comes by itself.
    package var modules = ["i2c-dev", "i2c-tiny-usb", "viperboard", "gpio-viperboard"] + Self.chipModules
    /// Kernel modules that wait for ``EmulatedMachine/load(_:)``.
    package var spareModules = Self.detectingModules
    /// The image of a disk whose system the guest runs, as `scripts/fetch-debian-guest` makes it; it is never changed.
    ///
    /// Without one, the guest has the host's files and no system of its own.
    package var disk: String?
    /// Whether a guest that reboots boots again, with its disk as it left it; else a reboot ends the machine.
    package var bootsAgain = false
    /// Memory in MiB.
    package var memory = 768
    /// Further arguments of the kernel.
    package var kernelArguments: [String] = []
    /// The longest time from QEMU's start to a guest that takes commands; 5 s on an idle machine.
    package var bootLimit = Duration.seconds(90)

    /// Makes the usual machine.
    package init() {}

    /// The kernel's own drivers of chips that there are models of, as far as Debian builds them.
    ///
    /// Debian 12 builds none for TMP117, ADT7410, AHT20, HDC1080 and HDC2080. `bmp280-i2c` is for BMP180, BMP280 and
    /// BME280, `sht21` for HTU21D and Si7021.
    static let chipModules = ["tmp102", "sht3x", "sht4x", "sht21", "bmp280-i2c", "ds2482", "w1_therm"]

    /// The drivers of the LM75 family and of MCP9808.
    ///
    /// They look for their chips on every adapter by themselves and take what they find away from the programs.
    static let detectingModules = ["lm75", "jc42"]

    /// What the guest cannot do without: the host's files, network, the control port, imported USB devices.
    static let ownModules = [
        "virtio-pci", "virtio-console", "9pnet-virtio", "9p", "overlay", "virtio-net", "vhci-hcd",
    ]

    /// What a disk needs; `crc32c_generic` is asked for by name, which no module tells.
    static let diskModules = ["virtio-blk", "crc32c_generic", "ext4"]

    /// All modules that are loaded, in an order that works.
    var loadedModules: [String] { Self.ownModules + (disk == nil ? [] : Self.diskModules) + modules }
}
