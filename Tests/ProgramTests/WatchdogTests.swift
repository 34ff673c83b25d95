// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

@Suite("The service manager's watchdog", .timeLimit(.minutes(10)))
struct WatchdogTests {
    @Test(
        "Only the control loop feeds it: while its thread stands still nobody does, though commands are answered"
    )
    func control() async throws {
        try await Rig.with { rig in
            let manager = try StandInManager(rig.folder)
            let surroundings = ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "2000000"]
            let agent = try rig.start(rig.connectionString.merging(surroundings) { $1 })
            #expect(await manager.hears("READY=1", within: .seconds(60)), "\(agent.output)")
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            #expect(await manager.hears("WATCHDOG=1", within: .seconds(30)))

            let stopped = try StoppedThread("control", of: agent.identifier)
            manager.forget()
            // The loop hangs, the rest does not: it is not the process that feeds.
            let answer = try await rig.hub.invokeMethod("d1", name: "reboot", payload: 1)
            #expect(answer.status == 202)
            #expect(await !manager.hears("WATCHDOG=1", within: .seconds(5)))
            stopped.goOn()
            #expect(await manager.hears("WATCHDOG=1", within: .seconds(30)))
            await rig.stop(agent)
        }
    }
}

/// The socket of a service manager, and what was said there.
private final class StandInManager: Sendable {
    let path: String
    private let descriptor: CInt

    init(_ folder: TemporaryFolder) throws {
        path = folder.url.appendingPathComponent("notify").path
        descriptor = try UnixSocket.bound(
            to: path, type: CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue))
    }

    deinit { close(descriptor) }

    /// Drops what was said until now.
    func forget() { while word() != nil {} }

    /// Whether this is said within a time.
    func hears(_ wanted: String, within limit: Duration) async -> Bool {
        let end = ContinuousClock.now.advanced(by: limit)
        return await onThread { [self] in
            while case let left = ContinuousClock.now.duration(to: end), left > .zero {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&entry, 1, CInt(left / .milliseconds(1)) + 1)
                while let word = word() {
                    if word == wanted { return true }
                }
            }
            return false
        }
    }

    private func word() -> String? {
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }
}

/// A thread of another process that stands still.
private struct StoppedThread {
    private let tracer = Process()

    init(_ name: String, of process: Int32) throws {
        tracer.executableURL =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../DevicePrograms/stop-thread").standardized
        tracer.arguments = ["\(process)", name]
        let output = Pipe()
        tracer.standardOutput = output
        try tracer.run()
        var said = Data()
        while !said.contains(UInt8(ascii: "\n")), case let chunk = output.fileHandleForReading.availableData,
            !chunk.isEmpty
        { said += chunk }
        try #require(String(decoding: said, as: UTF8.self) == "stopped\n")
    }

    /// Lets it go on.
    func goOn() {
        kill(tracer.processIdentifier, SIGKILL)
        tracer.waitUntilExit()
    }
}
