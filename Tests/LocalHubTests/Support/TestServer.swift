// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

@testable import LocalHub

extension LocalHubServer {
    /// Runs a hub on free ports for the time of `body`; it knows `device` by ``TestDevice/key``.
    static func withServer(
        _ configuration: LocalHubServerConfiguration = LocalHubServerConfiguration(),
        knowing device: String? = "d1",
        _ body: (LocalHubServer) async throws -> Void
    ) async throws {
        var configuration = configuration
        (configuration.mqttPort, configuration.restPort) = (0, 0)
        let server = try await start(configuration)
        do {
            if let device { try await server.hub.putDevice(device, .withTestKey) }
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// A client of the service API, by the policy `iothubowner`.
    func client(host: String = "localhost", key: String? = nil) throws -> HubClient {
        let key = key ?? hubConfiguration.servicePolicies["iothubowner"] ?? ""
        return try HubClient(
            connection: ServiceConnectionString(
                host: host, port: restPort, keyName: "iothubowner", key: key),
            caFile: caFile.path)
    }
}

extension DeviceSpecification {
    /// A device with the key that tests sign with.
    static var withTestKey: DeviceSpecification {
        DeviceSpecification(authentication: .sas(primaryKey: TestDevice.key, secondaryKey: ""))
    }
}
