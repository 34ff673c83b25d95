// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// A hub in this process that Microsoft's unmodified SDKs can reach.
///
/// The device SDK dials port 8883 and nothing else, so every hub gets a loopback address of its own.
struct InteropHub: Sendable {
    static let model = "dtmi:com:example:TemperatureController;2"
    private static let policy = "iothubowner"
    private static let serviceKey = Data(repeating: 5, count: 32).base64EncodedString()

    /// The address, which is also the hub's name.
    let host: String
    /// A directory for this hub's files, gone with the hub.
    let directory: URL
    let server: LocalHubServer

    var hub: Hub { server.hub }
    let idScope: String

    /// Runs a hub while `body` does, then expects that no device broke a rule.
    static func with(
        allowsViolations: Bool = false, _ body: (InteropHub) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "interop-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let hub = try await start(in: directory)
        do {
            try await body(hub)
        } catch {
            await hub.server.stop()
            throw error
        }
        let violations = await hub.hub.violations()
        #expect(allowsViolations || violations.isEmpty, "\(violations)")
        await hub.server.stop()
    }

    /// The environment that makes Python trust the hub.
    var environment: [String: String] {
        [
            "SSL_CERT_FILE": server.caFile.path, "REQUESTS_CA_BUNDLE": server.caFile.path,
            "PYTHONDONTWRITEBYTECODE": "1",
        ]
    }

    /// Registers a device and returns its connection string.
    func connectionString(creating id: String) async throws -> String {
        let device = try await hub.putDevice(id)
        guard case .sas(let key, _) = device.authentication else { throw CocoaError(.coderInvalidValue) }
        return "HostName=\(host);DeviceId=\(id);SharedAccessKey=\(key)"
    }

    /// Runs a device program while `body` does.
    func withDevice(_ body: (PythonProgram) async throws -> Void) async throws {
        let device = try PythonProgram("device.py", environment: environment)
        defer { device.end() }
        try await body(device)
    }

    /// Registers a device, connects it by connection string and shuts it down gracefully at the end.
    func withConnectedDevice(
        _ id: String, options: [String: JSON] = [:], _ body: (PythonProgram) async throws -> Void
    ) async throws {
        let text = try await connectionString(creating: id)
        try await withDevice { device in
            try await device.call(
                "by_connection_string", options.merging(["connection_string": .string(text)]) { $1 })
            try await device.call("connect")
            try await body(device)
            #expect(try await device.call("failures") == [])
            try await device.call("shutdown")
        }
    }

    /// Runs a back end program while `body` does.
    func withService(
        key: String = Self.serviceKey, _ body: (PythonProgram) async throws -> Void
    ) async throws {
        let service = try PythonProgram("service.py", environment: environment)
        defer { service.end() }
        let connection = ServiceConnectionString(
            host: host, port: server.restPort, keyName: Self.policy, key: key)
        try await service.call("use", ["connection_string": .string(connection.text)])
        try await body(service)
    }

    private static func start(in directory: URL) async throws -> InteropHub {
        var lastError: any Error = CocoaError(.featureUnsupported)
        // Another process may have the address already; out of 16 million a few tries are plenty.
        for _ in 1...5 {
            let parts = (1...3).map { _ in String(Int.random(in: 1...254)) }
            let host = "127." + parts.joined(separator: ".")
            do {
                return try await start(host: host, in: directory)
            } catch {
                lastError = error
            }
        }
        throw lastError
    }

    private static func start(host: String, in directory: URL) async throws -> InteropHub {
        var configuration = LocalHubServerConfiguration()
        configuration.host = host
        configuration.name = host
        configuration.restPort = 0
        configuration.directory = directory
        configuration.hub.servicePolicies = [policy: serviceKey]
        let server = try await LocalHubServer.start(configuration)
        return InteropHub(
            host: host, directory: directory, server: server, idScope: server.hubConfiguration.idScope)
    }
}
