// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("The end of the program", .timeLimit(.minutes(10)))
struct EndTests {
    @Test("SIGTERM, SIGINT and SIGHUP end it in order", arguments: [SIGTERM, SIGINT, SIGHUP])
    func signals(number: Int32) async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            await rig.stop(agent, by: number)
            await rig.expect("the hub saw it go", of: agent) { $0.connections().isEmpty }
            #expect(agent.output.contains("The agent has ended."))
        }
    }

    @Test("Q and Enter end it; the end of standard input does not") func quit() async throws {
        try await Rig.with { rig in
            let unattended = try rig.start(rig.connectionString, state: "unattended")
            unattended.endInput()
            await rig.expect("telemetry without input", of: unattended) { $0.telemetry().count >= 4 }
            await rig.stop(unattended)

            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 8 }
            agent.type("hello\nq\n")
            #expect(await agent.ended() == 0)
        }
    }

    @Test("It ends within five seconds while TCP never answers") func hangingConnect() async throws {
        let blackHole = try BlackHole()
        let folder = try TemporaryFolder()
        let agent = try AgentProcess(
            ["run", "--simulate"],
            environment: [
                "STATE_DIRECTORY": folder.url.path, "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
                "IOTHUB_DEVICE_CONNECTION_STRING":
                    "HostName=127.0.0.1:\(blackHole.port);DeviceId=d1;SharedAccessKey=MDEyMzQ1Njc4OWFiY2RlZg==",
            ])
        #expect(await agent.line(with: "onnecting") != nil)
        let took = await agent.timeToEnd(after: SIGTERM)
        #expect(await agent.ended() == 0, "\(agent.output)")
        #expect(took < .seconds(5))
    }
}

extension EndTests {
    @Test("It ends within five seconds while a bus hangs in the kernel") func hangingBus() async throws {
        try await Rig.with { rig in
            let device = rig.folder.url.appendingPathComponent("sys/bus/w1/devices/28-0316a279fcff")
            try FileManager.default.createDirectory(at: device, withIntermediateDirectories: true)
            // Whoever opens a pipe without a writer waits for ever, as in a driver that lost its bus.
            for name in ["w1_slave", "temperature"] {
                mkfifo(device.appendingPathComponent(name).path, 0o600)
            }
            let file = try rig.folder.write(
                """
                [host]
                sysfs-root = "\(rig.folder.url.path)/sys"
                [sensors.stuck]
                driver = "ds18b20"
                id = "28-0316a279fcff"
                [thermostat1]
                sensor = "stuck"
                """, to: "agent.toml")
            let agent = try rig.start(rig.connectionString, ["run", "--config", file])
            await rig.expect("workingSet all the same", of: agent) { !$0.telemetry().isEmpty }
            let took = await agent.timeToEnd(after: SIGTERM)
            await rig.expectGoodEnd(of: agent)
            #expect(took < .seconds(5))
            await rig.expect("an orderly end", of: agent) {
                $0.endedConnections().last?.closeReason?.lowercased().contains("disconnect") == true
            }
        }
    }

    @Test("A log that nobody reads neither stops telemetry nor the end") func unreadLog() async throws {
        try await Rig.with { rig in
            let agent = try AgentProcess(
                ["run", "--simulate", "--set", "telemetry.interval=1s"],
                environment: rig.connectionString.merging(
                    ["SSL_CERT_FILE": rig.server.caFile.path, "STATE_DIRECTORY": rig.folder.url.path]
                ) { $1 }, isHeard: false)
            await rig.expect("telemetry", of: agent) { $0.telemetry().count >= 6 }
            let took = await agent.timeToEnd(after: SIGTERM)
            #expect(await agent.ended() == 0)
            #expect(took < .seconds(5))
        }
    }

    @Test("A signal in the first moments is an orderly end as well", arguments: [0, 5, 20, 40])
    func early(milliseconds: Int) async throws {
        let folder = try TemporaryFolder()
        let agent = try AgentProcess(
            ["run", "--simulate"],
            environment: [
                "STATE_DIRECTORY": folder.url.path, "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
                "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=127.0.0.1:1;DeviceId=d1;SharedAccessKey=MDEy",
            ])
        // The moment is what is tested; the loader's own first milliseconds belong to the kernel.
        #expect(await agent.line(with: "sensor-agent") != nil)
        try await Task.sleep(for: .milliseconds(milliseconds))
        agent.signal(SIGTERM)
        #expect(await agent.ended() == 0, "\(agent.output)")
    }
}

/// A port whose queue of connections is full, so that a further SYN is never answered.
private final class BlackHole {
    let port: UInt16
    private var descriptors: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let size = length
        try Self.check(
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
            })
        try Self.check(listen(listener, 0))
        try Self.check(
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
            })
        port = UInt16(bigEndian: address.sin_port)
        descriptors.append(listener)
        // A queue of length 0 still takes one connection; a few more make sure that it is full.
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(filler, $0, size) }
            }
            descriptors.append(filler)
        }
    }

    deinit { descriptors.forEach { close($0) } }

    private static func check(_ result: Int32) throws {
        guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }
}
