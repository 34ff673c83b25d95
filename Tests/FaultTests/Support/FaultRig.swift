// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import IoTHub
import LocalHub
import Logging
import MosquittoTransport
import Quantities
import Secrets
import Testing

/// The real client over the real transport, and a local hub, in this process; limits as short as a test wants them.
final class FaultRig: Sendable {
    static let model = "dtmi:com:example:TemperatureController;2"

    let server: LocalHubServer
    let key: String
    var hub: Hub { server.hub }

    /// Runs `body` with a hub that knows the device `d1`, and checks that the client broke no rule of the protocol.
    static func with(_ body: (FaultRig) async throws -> Void) async throws {
        var configuration = LocalHubServerConfiguration()
        configuration.mqttPort = 0
        configuration.restPort = 0
        // What the hub forgot of a long load would look like a gap.
        configuration.hub.logLimit = 1_000_000
        configuration.hub.logByteLimit = 1 << 30
        let server = try await LocalHubServer.start(configuration)
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try await server.hub.putDevice(
            "d1", DeviceSpecification(authentication: .sas(primaryKey: key, secondaryKey: key)))
        do {
            try await body(FaultRig(server: server, key: key))
        } catch {
            await server.stop()
            throw error
        }
        let violations = await server.hub.violations()
        #expect(violations.isEmpty, "\(violations.map { "\($0.kind): \($0.detail)" })")
        await server.stop()
    }

    private init(server: LocalHubServer, key: String) {
        self.server = server
        self.key = key
    }

    var host: String { "localhost:\(server.mqttPort)" }

    /// Waits of at most 30 ms, and limits that the busiest machine keeps: a test of what comes after one shortens it.
    func configuration(_ identity: HubIdentity? = nil) throws -> HubClientConfiguration {
        let text = Secret("HostName=\(host);DeviceId=d1;SharedAccessKey=\(key)")
        let plain = try HubIdentity.connectionString(ConnectionString(parsing: text))
        return HubClientConfiguration(
            identity: identity ?? plain, trust: .file(server.caFile.path), modelID: Self.model,
            productInfo: "tests/1", keepAlive: .seconds(60), receivesCloudMessages: true,
            backoff: BackoffPolicy(longestWait: .milliseconds(30)), limits: .init(subscribe: .seconds(60)))
    }

    /// Runs a client while `body` runs.
    func run(
        _ configuration: HubClientConfiguration, cache: (any AssignmentCache)? = nil,
        _ body: (LiveClient) async throws -> Void
    ) async throws {
        let client = LiveClient(configuration, cache: cache)
        let running = Task { await client.hub.run() }
        let following = Task { await client.follow() }
        do {
            try await body(client)
        } catch {
            await client.hub.stop()
            throw error
        }
        await client.hub.stop()
        await running.value
        await following.value
    }
}

/// The machine's clocks.
struct RealTime: TimeSource {
    func now() -> Now {
        let milliseconds = Int64(Date().timeIntervalSince1970 * 1_000)
        return Now(
            monotonic: .now, wall: WallTime(millisecondsSince1970: milliseconds), wallIsTrusted: true)
    }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch { throw CancellationError() }
    }
}
