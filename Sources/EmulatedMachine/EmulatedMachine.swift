// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import EmulatedHardware
import Foundation

/// A PC with Debian's stock kernel, in QEMU without hardware help, that runs the host's programs.
///
/// Its root file system shows the host's files; what it writes there stays in its memory. The folder ``share`` is the
/// same on both sides. Nothing needs privileges on the host.
package final class EmulatedMachine: Sendable {
    /// Where the guest's programs find the shared folder.
    package static let guestShare = "/run/share"

    /// The environment of a guest program where nothing else is asked.
    package static let basicEnvironment = [
        "HOME": "/root", "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]

    /// The shared folder on the host; a program in the guest finds it at ``guestShare``.
    package var share: String { "\(folder.path)/share" }
    /// The lines on the machine's console so far.
    package var console: [String] { links.console.entries }
    /// Serves the adapters that are plugged into the machine.
    package var usb: USBIPServer { links.usb }
    /// How often the guest has reset the machine, as QEMU tells it; one reboot may be several.
    package var resets: Int { links.monitor.guestResets }
    /// From QEMU's start until the guest took commands.
    package let bootTime: Duration

    let links: MachineLinks
    let ports = VirtualUSBPorts()
    private let folder: TemporaryFolder
    private let qemu: QEMUProcess
    private let ending: Journal<String>

    /// Why machines cannot be started here, with what to do about it; `nil` where they can.
    package static var obstacle: String? {
        do {
            _ = try MachineParts()
            return nil
        } catch {
            return error.description
        }
    }

    /// Starts a machine, hands it to `body` and ends it, whatever happens.
    package static func withMachine<Result>(
        _ configuration: MachineConfiguration = .init(), _ body: (EmulatedMachine) async throws -> Result
    ) async throws -> Result {
        let machine = try await start(configuration)
        do {
            let result = try await body(machine)
            await machine.stop()
            return result
        } catch {
            await machine.stop()
            throw error
        }
    }

    /// Boots a machine; returns when it takes commands.
    ///
    /// Throws `EmulatedMachineError`: `.missing` what must be installed, `.ended` and `.late` with the console's tail.
    package static func start(_ configuration: MachineConfiguration = .init()) async throws -> EmulatedMachine
    {
        let parts = try MachineParts()
        let folder = try TemporaryFolder(named: "machine")
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/share/jobs", withIntermediateDirectories: true)
            let command = QEMUCommand(
                kernel: try await parts.kernel.bootable(), initramfs: "\(folder.path)/initramfs",
                folder: folder.path, machine: configuration)
            try await parts.writeInitramfs(of: configuration, to: command.initramfs)
            let links = try await MachineLinks.open(in: folder.path)
            do {
                let start = ContinuousClock.now
                let qemu = try QEMUProcess(at: parts.qemu, arguments: command.arguments, folder: folder.path)
                return try await boot(qemu, links, folder, since: start, within: configuration.bootLimit)
            } catch {
                await links.close()
                throw error
            }
        } catch {
            folder.remove()
            throw error
        }
    }

    private static func boot(
        _ qemu: QEMUProcess, _ links: MachineLinks, _ folder: TemporaryFolder,
        since start: ContinuousClock.Instant, within limit: Duration
    ) async throws -> EmulatedMachine {
        let ending = Journal<String>()
        Task { ending.append(await links.watch(qemu)) }
        do {
            try await withLimit(limit, late: links.control.late("booting the machine", limit)) {
                // First: QEMU tells no events, and so no reason of an early end, before that.
                try await links.monitor.open()
                try await links.control.isReady(boot: 1)
            }
        } catch {
            qemu.kill()
            _ = await Task { try? await ending.first { $0 } }.value
            throw error
        }
        return EmulatedMachine(
            bootTime: ContinuousClock.now - start, links: links, folder: folder, qemu: qemu, ending: ending)
    }

    private init(
        bootTime: Duration, links: MachineLinks, folder: TemporaryFolder, qemu: QEMUProcess,
        ending: Journal<String>
    ) {
        self.bootTime = bootTime
        self.links = links
        self.folder = folder
        self.qemu = qemu
        self.ending = ending
    }

    /// Ends the machine and removes its folder.
    package func stop() async {
        qemu.kill()
        // Cancelled or not, nothing may be left running; a killed process ends at once.
        let ending = ending
        _ = await Task { try? await ending.first { $0 } }.value
        await links.close()
        folder.remove()
    }

    /// Starts a program in the guest, by its path on the host.
    ///
    /// It runs as root, with no standard input and exactly the environment given. A program that leaves others behind
    /// with its output open counts as running until those end too.
    package func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = basicEnvironment
    ) async throws -> GuestProgram {
        try await links.control.run(program, arguments, environment: environment)
    }

    /// Runs a `bash` script in the guest and returns the lines of its standard output; throws where it fails.
    @discardableResult
    package func shell(
        _ script: String, _ arguments: [String] = [], within limit: Duration = .seconds(60)
    ) async throws -> [String] {
        let program = try await run("/bin/bash", ["-euc", script, "bash"] + arguments)
        let result = try await program.result(within: limit)
        guard result.status == 0 else {
            let words = (result.errors + result.output).suffix(10).joined(separator: "\n")
            throw EmulatedMachineError.guest("a script", "status \(result.status): \(words)")
        }
        return result.output
    }

    /// Plugs the cable of one of the guest's networks in or out.
    package func setLink(_ network: GuestNetwork, up: Bool) async throws {
        try await links.monitor.execute(.setLink(device: network.rawValue, up: up))
    }

    /// Gives the host a name on one of the guest's networks, so that certificates can be checked against a name.
    package func name(_ network: GuestNetwork, _ name: String) async throws {
        try await shell("echo \"$1 $2\" >>/etc/hosts", [network.host, name])
    }

    /// Waits until the guest takes commands in its boot of that number, the first being 1.
    ///
    /// What ran in the boot before has ended with an error by then.
    package func boots(_ number: Int, within limit: Duration = .seconds(180)) async throws {
        try await withLimit(limit, late: links.control.late("boot \(number)", limit)) { [links] in
            try await links.control.isReady(boot: number)
        }
    }

    /// Waits until the machine ended and tells why: `guest-shutdown`, `guest-reset`, or how QEMU itself ended.
    package func end(within limit: Duration = .seconds(60)) async throws -> String {
        try await withLimit(limit, late: links.control.late("the machine's end", limit)) { [ending] in
            try await ending.first { $0 }.found
        }
    }
}
