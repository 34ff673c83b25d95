// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What an emulated machine is made of, and how long it may take.
package struct MachineConfiguration: Sendable {
    /// Kernel modules besides those that the guest itself needs; what they depend on comes by itself.
    package var modules: [String] = ["i2c-dev", "i2c-tiny-usb", "viperboard", "gpio-viperboard", "tmp102"]
    /// Memory in MiB.
    package var memory = 768
    /// Further arguments of the kernel.
    package var kernelArguments: [String] = []
    /// The longest time from QEMU's start to a guest that takes commands; 5 s on an idle machine.
    package var bootLimit = Duration.seconds(90)

    /// Makes the usual machine.
    package init() {}

    /// What the guest cannot do without: the host's files, network, the control port, imported USB devices.
    static let ownModules = [
        "virtio-pci", "virtio-console", "9pnet-virtio", "9p", "overlay", "virtio-net", "vhci-hcd",
    ]
}
