// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The arguments of QEMU.
///
/// Always software emulation: `/dev/kvm` can look usable and still hang an ordinary kernel where virtualisation is nested.
struct QEMUCommand: Sendable {
    var kernel: String
    var initramfs: String
    /// The folder with the sockets and the shared folder `share`.
    var folder: String
    var machine: MachineConfiguration

    /// The sockets that QEMU connects to.
    static func socket(_ name: String, in folder: String) -> String { "\(folder)/\(name).sock" }

    /// The arguments.
    var arguments: [String] {
        ["-nodefaults", "-no-user-config", "-display", "none", "-name", "emulated-machine"]
            + (machine.bootsAgain ? [] : ["-no-reboot"])
            + ["-machine", "q35", "-accel", "tcg,thread=multi", "-smp", "1", "-m", "\(machine.memory)"]
            + ["-kernel", kernel, "-initrd", initramfs, "-append", append]
            + port("console") + ["-serial", "chardev:console"]
            + port("monitor") + ["-mon", "chardev=monitor,mode=control"]
            + port("control")
            + ["-device", "virtio-serial-pci", "-device", "virtserialport,chardev=control,name=control"]
            + files
            + share("\(folder)/share", GuestInit.Tag.share, "")
            // Two networks, so that cutting the program's leaves the adapters plugged in.
            + network(GuestNetwork.program, address: "10.0.2.0/24", mac: "52:54:00:00:02:0f")
            + network(GuestNetwork.adapters, address: "10.0.3.0/24", mac: "52:54:00:00:03:0f")
    }

    /// What the kernel is told: quiet, for each letter costs an emulated port access; no defences, for they cost too.
    private var append: String {
        (["console=ttyS0", "quiet", "panic=-1", "mitigations=off", "nokaslr", "random.trust_cpu=on"]
            + (machine.disk == nil ? [] : Self.systemArguments) + machine.kernelArguments).joined(
                separator: " ")
    }

    /// The host's files, or a disk of which the guest's changes go to a temporary file.
    private var files: [String] {
        guard let disk = machine.disk else {
            return share("/", GuestInit.Tag.root, ",readonly=on,multidevs=remap")
        }
        return ["-drive", "file=\(Self.escaped(disk)),if=none,id=disk,format=raw,snapshot=on"]
            + ["-device", "virtio-blk-pci,drive=disk"]
    }

    /// Nobody logs in, and a login prompt costs seconds.
    private static let systemArguments = [
        "systemd.mask=serial-getty@ttyS0.service", "systemd.mask=getty@tty1.service",
        "systemd.show_status=false",
    ]

    private func port(_ name: String) -> [String] {
        ["-chardev", "socket,id=\(name),path=\(Self.escaped(Self.socket(name, in: folder)))"]
    }

    private func share(_ path: String, _ tag: String, _ options: String) -> [String] {
        ["-virtfs", "local,path=\(Self.escaped(path)),mount_tag=\(tag),security_model=none\(options)"]
    }

    private func network(_ network: GuestNetwork, address: String, mac: String) -> [String] {
        ["-netdev", "user,id=\(network.rawValue),net=\(address)"]
            + ["-device", "virtio-net-pci,netdev=\(network.rawValue),mac=\(mac),romfile="]
    }

    /// QEMU takes a doubled comma for one.
    private static func escaped(_ path: String) -> String {
        path.replacing(",", with: ",,")
    }
}

/// The networks of the guest; each reaches the host's 127.0.0.1 under an address of its own.
package enum GuestNetwork: String, Sendable {
    /// For the programs in the guest.
    case program
    /// For the emulated adapters.
    case adapters

    /// The host's 127.0.0.1 as the guest sees it.
    package var host: String {
        switch self {
        case .program: "10.0.2.2"
        case .adapters: "10.0.3.2"
        }
    }
}
