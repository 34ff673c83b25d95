// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import LocalHub

/// A hub on the host, as programs in the guest reach it.
extension LocalHubServer {
    /// Starts one; one that has to come back has its own directory and a fixed port.
    static func startForGuest(directory: URL? = nil, port: Int = 0) async throws -> LocalHubServer {
        var settings = LocalHubServerConfiguration()
        (settings.mqttPort, settings.restPort) = (port, 0)
        settings.extraNames = [GuestNetwork.program.host]
        settings.directory = directory
        return try await start(settings)
    }

    /// Runs one for the time of `body`.
    static func withGuest(_ body: (LocalHubServer) async throws -> Void) async throws {
        let server = try await startForGuest()
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Registers a device; its connection string names the hub as the guest reaches it.
    func connectionString(ofNew deviceID: String) async throws -> String {
        let device = try await hub.putDevice(deviceID)
        guard case .sas(let key, _) = device.authentication else {
            throw EmulatedMachineError.guest("registering \(deviceID)", "the hub gave no key")
        }
        let host = "\(GuestNetwork.program.host):\(mqttPort)"
        return "HostName=\(host);DeviceId=\(deviceID);SharedAccessKey=\(key)"
    }
}

extension Hub {
    /// Waits for a temperature of thermostat1; false when a generous limit passes first.
    func hasTemperature(_ celsius: Double) async -> Bool {
        await wait(upTo: .seconds(90)) { hub in hub.telemetry().contains { $0.temperature == celsius } }
    }
}

extension TelemetryRecord {
    /// The temperature of thermostat1; `nil` for another message.
    var temperature: Double? { component == "thermostat1" ? json?["temperature"]?.double : nil }
}
