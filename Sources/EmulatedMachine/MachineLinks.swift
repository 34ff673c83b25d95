// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware

/// All that reaches into a machine: its console, QEMU's monitor, the guest's control port, the emulated adapters.
struct MachineLinks: Sendable {
    let console: Journal<String>
    let consoleSocket: LineSocket
    let monitor: QMPClient
    let control: GuestControl
    let usb: USBIPServer

    /// Opens everything that QEMU connects to, in `folder`.
    static func open(in folder: String) async throws -> MachineLinks {
        let console = Journal<String>()
        let consoleSocket = try await LineSocket.listen(
            at: QEMUCommand.socket("console", in: folder), onLine: { console.append($0) },
            onEnd: { console.finish(throwing: QMPClient.Closed()) })
        let monitor = try await QMPClient(at: QEMUCommand.socket("monitor", in: folder))
        let control = try await GuestControl.listen(
            at: QEMUCommand.socket("control", in: folder), share: "\(folder)/share", console: console)
        return MachineLinks(
            console: console, consoleSocket: consoleSocket, monitor: monitor, control: control,
            usb: try await USBIPServer.start())
    }

    /// Closes everything.
    func close() async {
        await usb.shutDown()
        await control.close(because: QMPClient.Closed())
        await monitor.close()
        await consoleSocket.close(because: QMPClient.Closed())
    }

    /// Waits for QEMU's end, then for its last words, and tells all who wait on the guest; returns the reason.
    func watch(_ qemu: QEMUProcess) async -> String {
        let manner = (try? await qemu.end()) ?? "QEMU ended"
        // What QEMU wrote before its end is still to be read; one that failed at once never connected.
        let reason = try? await withLimit(.seconds(2), late: { QMPClient.Closed() }) { [self] in
            _ = try await console.end()
            return try await monitor.shutdownReason()
        }
        let end = reason.flatMap { $0 } ?? manner
        control.finish(because: EmulatedMachineError.ended(reason: end, console: console.entries))
        return end
    }
}
