// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Glibc
import HardwareIO
import IoTHub
import LinuxHost
import PlugAndPlay
import Quantities
import SensorDrivers
import Simulation
import ThermostatControl
import ThreadExecutor

/// What the agent writes to its disk at its defaults.
enum Wear {
    /// Seconds of the agent in one of the machine.
    private static let factor = 240

    /// Runs the agent's services for so many of their hours; prints what the process has written to disks.
    static func run(state: String, young: String, isOnline: Bool, hours: Int) async throws(Failure) {
        let time = AcceleratedTime(factor: factor)
        let simulation = SimulatedHardware(time: time, seed: 1)
        let names = [SensorName("simulated1"), SensorName("simulated2")]
        var parts = Installation.Parts(
            client: try .loopback(), transport: isOnline ? LoopbackHub() : UnreachableHub(), state: state,
            young: young, outputs: simulation, sensors: zip(names, SimulatedHardware.addresses).map(setup),
            time: time, workingSet: 4_711)
        for (id, name) in zip(ThermostatID.allCases, names) {
            parts.stations[id] = ControlLoop.StationSetup(sensor: name)
        }
        let installation = try await Installation(parts)
        try await installation.run(offline: !isOnline) { () async throws(Failure) in
            // The start is over, whose writes no day repeats.
            try? await time.sleep(for: .seconds(120))
            let (start, before) = (time.now().monotonic, try bytesWritten())
            try? await time.sleep(for: .seconds(3_600 * hours))
            let bytes = try bytesWritten() - before
            let seconds = start.duration(to: time.now().monotonic) / .seconds(1)
            let outbox = await installation.cloud.link().1
            write(
                """
                {"bytes": \(bytes), "seconds": \(seconds), "sent": \(outbox.sent), "waiting": \(outbox.waiting)}
                """)
        }
    }

    private static func setup(_ name: SensorName, _ address: UInt8) -> SensorSetup {
        SensorSetup(
            name: name, source: .simulated(driver: TMP102.name), bus: SimulatedHardware.adapterName,
            interval: .seconds(8)
        ) { connections throws(SensorError) in
            let chip = try connections.chip(on: .adapter(SimulatedHardware.adapterName), at: address)
            return try TMP102(chip, part: Part(TMP102.name))
        }
    }

    /// What the kernel has counted: bytes that this process caused to be written to block devices.
    private static func bytesWritten() throws(Failure) -> Int {
        let unread = Failure(message: "/proc/self/io cannot be read; a kernel with task accounting is needed")
        guard let file = fopen("/proc/self/io", "r") else { throw unread }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = fread(&bytes, 1, bytes.count, file)
        for line in String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.first == "write_bytes:", let number = parts.last.flatMap({ Int($0) }) { return number }
        }
        throw unread
    }
}

/// No hub at all.
struct UnreachableHub: HubTransport {
    let events = AsyncStream<TransportEvent> { _ in }

    private static let failure = TransportError(.unreachable, "there is no network; wait for it")

    func connect(_ credentials: HubCredentials) async throws(TransportError) -> Bool { throw Self.failure }
    func subscribe(to filters: [String]) async throws(TransportError) { throw Self.failure }
    func publish(_ payload: [UInt8], to topic: String) async throws(TransportError) { throw Self.failure }
    func disconnect() async {}
}
