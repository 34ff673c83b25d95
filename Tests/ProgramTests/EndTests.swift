// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import LocalHub
import Testing

@Suite("The end of the program", .timeLimit(.minutes(2)))
struct EndTests {
    @Test("SIGTERM and SIGINT end it in order", arguments: [SIGTERM, SIGINT])
    func signals(number: Int32) async throws {
        try await Rig.with { rig in
            let agent = try rig.start(rig.connectionString)
            await rig.expect("telemetry", of: agent) { !$0.telemetry().isEmpty }
            await rig.stop(agent, by: number)
            await rig.expect("the hub saw it go", of: agent) { $0.connections().isEmpty }
            #expect(agent.output.contains("Stopped."))
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
        let start = ContinuousClock.now
        agent.signal(SIGTERM)
        #expect(await agent.ended() == 0, "\(agent.output)")
        #expect(start.duration(to: .now) < .seconds(5))
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
