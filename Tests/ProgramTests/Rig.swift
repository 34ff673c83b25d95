// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// A local hub in this process and agents as programs against it.
final class Rig: Sendable {
    static let groupKey = Data((0..<64).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
    static let model = "dtmi:com:example:TemperatureController;2"

    let server: LocalHubServer
    let folder: TemporaryFolder
    let deviceKey: String
    var hub: Hub { server.hub }

    /// Runs `body` with a hub that knows the device `d1`, and checks that nobody broke a rule.
    static func with(
        allowing allowed: Set<Violation.Kind> = [], _ body: (Rig) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        var configuration = LocalHubServerConfiguration()
        configuration.mqttPort = 0
        configuration.restPort = 0
        configuration.directory = folder.url.appendingPathComponent("hub")
        let server = try await LocalHubServer.start(configuration)
        let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try await server.hub.putDevice(
            "d1", DeviceSpecification(authentication: .sas(primaryKey: key, secondaryKey: key)))
        let rig = Rig(server: server, folder: folder, deviceKey: key)
        do {
            try await body(rig)
        } catch {
            await server.stop()
            throw error
        }
        let violations = await server.hub.violations().filter { !allowed.contains($0.kind) }
        #expect(violations.isEmpty, "\(violations.map { "\($0.kind): \($0.detail)" })")
        await server.stop()
    }

    /// Runs `body` with an agent that has simulated sensors and has measured, and ends it.
    static func withAgent(_ body: (AgentProcess, Rig) async throws -> Void) async throws {
        try await with { rig in
            let agent = try rig.start(rig.lasting)
            // With the first report the twin is read, and the hub has counted both.
            await rig.expect("telemetry and the first report", of: agent) {
                $0.telemetry().count >= 6 && $0.reportedTarget("thermostat1") != nil
            }
            try await body(agent, rig)
            await rig.stop(agent)
            #expect(!FileManager.default.fileExists(atPath: rig.runtime.path + "/control.sock"))
        }
    }

    private init(server: LocalHubServer, folder: TemporaryFolder, deviceKey: String) {
        self.server = server
        self.folder = folder
        self.deviceKey = deviceKey
    }

    /// The host as devices dial it.
    var host: String { "localhost:\(server.mqttPort)" }

    /// Variables for the device `d1` with its connection string.
    var connectionString: [String: String] {
        [
            "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
            "IOTHUB_DEVICE_CONNECTION_STRING": "HostName=\(host);DeviceId=d1;SharedAccessKey=\(deviceKey)",
        ]
    }

    /// A runtime directory that outlives one program, as systemd's does.
    var runtime: URL { folder.url.appendingPathComponent("run") }

    /// Variables for the device `d1` with its connection string and that runtime directory.
    var lasting: [String: String] { connectionString.merging(["RUNTIME_DIRECTORY": runtime.path]) { $1 } }

    /// Starts a command that asks the agent of that runtime directory.
    func ask(_ arguments: String...) throws -> AgentProcess {
        try AgentProcess(asking: runtime, arguments)
    }

    /// Variables for a registration with the provisioning service.
    func provisioning(_ registration: String, key: String) -> [String: String] {
        [
            "IOTHUB_DEVICE_SECURITY_TYPE": "DPS", "IOTHUB_DEVICE_DPS_ENDPOINT": host,
            "IOTHUB_DEVICE_DPS_ID_SCOPE": server.hubConfiguration.idScope,
            "IOTHUB_DEVICE_DPS_DEVICE_ID": registration, "IOTHUB_DEVICE_DPS_DEVICE_KEY": key,
        ]
    }

    /// Starts `run --simulate` at one second per message, unless other arguments are given.
    func start(
        _ variables: [String: String], state: String = "agent",
        _ arguments: [String] = ["run", "--simulate", "--set", "telemetry.interval=1s"],
        launcher: [String] = []
    ) throws -> AgentProcess {
        let surroundings = [
            "SSL_CERT_FILE": server.caFile.path,
            "STATE_DIRECTORY": self.state(state).path,
            // A machine that has just been started must not hold up the tests.
            "SENSOR_AGENT_CLOCK_SYNC_WAIT": "0s",
        ]
        return try AgentProcess(
            arguments, environment: surroundings.merging(variables) { $1 }, launcher: launcher)
    }

    /// Where an agent keeps its state.
    func state(_ name: String = "agent") -> URL { folder.url.appendingPathComponent(name) }

    /// Ends the agent as a service manager does, and checks the promises of its end.
    func stop(_ agent: AgentProcess, by signal: Int32 = SIGTERM) async {
        agent.signal(signal)
        await expectGoodEnd(of: agent)
    }

    /// Waits for the end of an agent that was told to, and checks its promises.
    func expectGoodEnd(of agent: AgentProcess) async {
        #expect(await agent.ended() == 0, "\(agent.output)")
        #expect(!agent.output.contains(deviceKey))
        #expect(!agent.output.contains("SharedAccessSignature"))
    }

    /// Waits until the condition holds in the hub; the agent's words are in the failure.
    ///
    /// The limit only ends what would never come: on a busy machine everything takes long.
    func expect(
        _ what: String, of agent: AgentProcess, within limit: Duration = .seconds(180),
        sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: @escaping @Sendable (isolated Hub) -> Bool
    ) async {
        let isTrue = await hub.wait(upTo: limit, until: condition)
        #expect(isTrue, "\(what)\n\(agent.output)", sourceLocation: sourceLocation)
    }

    /// The reported properties of a device.
    func reported(_ device: String = "d1") async throws -> JSON {
        try await hub.twin(device).reported.properties
    }

    /// Calls a method without argument (`nil`), or with one.
    func call(_ method: String, _ payload: JSON? = nil, of device: String = "d1") async throws -> MethodResult
    {
        try await hub.invokeMethod(
            device, name: method, payload: payload, responseTimeout: .seconds(60),
            connectTimeout: .seconds(180))
    }
}

extension Hub {
    /// The reported target of a thermostat, for conditions.
    func reportedTarget(_ thermostat: String, of device: String = "d1") -> JSON? {
        (try? twin(device))?.reported.properties[thermostat]?["targetTemperature"]
    }
}
