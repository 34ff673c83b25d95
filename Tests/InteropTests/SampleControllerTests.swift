// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LocalHub
import Testing

/// The scenario of Microsoft's sample temperature controller with two thermostats, on the unmodified SDK.
@Suite(
    "Sample temperature controller against the local hub",
    .needsPythonEnvironment,
    .timeLimit(.minutes(10)))
struct SampleControllerTests {
    private static let key = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    @Test("Provisioned, it reports, sends, obeys, survives a drop and ends")
    func provisioned() async throws {
        try await InteropHub.with { hub in
            try await hub.hub.putEnrollment(
                Enrollment(
                    registrationId: "sample",
                    attestation: .symmetricKey(primary: Self.key, secondary: Self.key)))
            let controller = try PythonProgram(
                "controller.py",
                environment: hub.environment.merging([
                    "IOTHUB_DEVICE_SECURITY_TYPE": "DPS", "IOTHUB_DEVICE_DPS_ENDPOINT": hub.host,
                    "IOTHUB_DEVICE_DPS_ID_SCOPE": hub.idScope, "IOTHUB_DEVICE_DPS_DEVICE_ID": "sample",
                    "IOTHUB_DEVICE_DPS_DEVICE_KEY": Self.key, "INTEROP_INTERVAL": "0.2",
                ]) { $1 })
            defer { controller.end() }
            #expect(await controller.nextLine() == "assigned \(hub.host) sample")
            #expect(await controller.nextLine() == "connected")
            try await start(hub, device: "sample")
            try await commands(hub.hub, device: "sample")
            try await desired(hub.hub, device: "sample")
            try await drop(hub.hub, device: "sample")
            try await end(controller, hub.hub)
        }
    }

    @Test("With a connection string it does the same")
    func connectionString() async throws {
        try await InteropHub.with { hub in
            let text = try await hub.connectionString(creating: "d1")
            let controller = try PythonProgram(
                "controller.py",
                environment: hub.environment.merging([
                    "IOTHUB_DEVICE_SECURITY_TYPE": "connectionString",
                    "IOTHUB_DEVICE_CONNECTION_STRING": text, "INTEROP_INTERVAL": "0.2",
                ]) { $1 })
            defer { controller.end() }
            #expect(await controller.nextLine() == "connected")
            try await start(hub, device: "d1")
            try await end(controller, hub.hub)
        }
    }

    private func start(_ hub: InteropHub, device: String) async throws {
        let hasReported = await hub.hub.wait(upTo: .seconds(180)) {
            (try? $0.twin(device))?.reported.version == 5
        }
        #expect(hasReported)
        let twin = try await hub.hub.twin(device)
        #expect(twin.modelId == InteropHub.model)
        let reported = twin.reported.properties
        #expect(reported["serialNumber"] == "some_serial_number")
        #expect(reported["thermostat1"] == ["__t": "c", "maxTempSinceLastReboot": 98.34])
        #expect(reported["thermostat2"] == ["__t": "c", "maxTempSinceLastReboot": 48.92])
        #expect(reported["deviceInformation"]?.object?.count == 9)

        let hasSent = await hub.hub.wait(upTo: .seconds(180)) { $0.telemetry().count >= 3 }
        #expect(hasSent)
        let records = Array(await hub.hub.telemetry().prefix(3))
        #expect(records.map(\.component) == ["thermostat1", "thermostat2", nil])
        #expect(records.allSatisfy { $0.systemProperties["$.ct"] == "application/json" })
        #expect(records.allSatisfy { $0.systemProperties["$.ce"] == "utf-8" })
        #expect(records[0].json?["temperature"]?.integer.map { (10..<50).contains($0) } == true)
        #expect(records[2].json?["workingSet"]?.integer.map { (1..<100).contains($0) } == true)

        let connection = try #require(await hub.hub.connections().last)
        #expect(connection.keepAlive == 60)
        #expect(!connection.cleanSession)
        #expect(connection.apiVersion == "2020-09-30")
        #expect(connection.modelId == InteropHub.model)
    }

    private func commands(_ hub: Hub, device: String) async throws {
        let report = try await hub.invokeMethod(
            device, name: "thermostat1*getMaxMinReport", payload: "2024-05-06T07:08:09Z",
            connectTimeout: .seconds(30))
        #expect(report.status == 200)
        #expect(report.payload["maxTemp"] != nil)
        let reboot = try await hub.invokeMethod(device, name: "reboot", payload: 5)
        #expect(reboot.payload == ["result": true, "data": "executed reboot"])
        // The sample never answers a command it does not know.
        let failure = try await #require(throws: HubFailure.self) {
            try await hub.invokeMethod(device, name: "nosuch", payload: nil, responseTimeout: .seconds(1))
        }
        #expect(failure.code == 504_101)
    }

    private func desired(_ hub: Hub, device: String) async throws {
        let isSubscribed = await hub.wait(upTo: .seconds(180)) {
            $0.connections().last?.subscriptions["$iothub/twin/PATCH/properties/desired/#"] != nil
        }
        #expect(isSubscribed)
        _ = try await hub.updateTwin(device, desired: ["thermostat1": ["__t": "c", "targetTemperature": 5]])
        let isAcknowledged = await hub.wait(upTo: .seconds(180)) {
            (try? $0.twin(device))?.reported.properties["thermostat1"]?["targetTemperature"] != nil
        }
        #expect(isAcknowledged)
        #expect(
            try await hub.twin(device).reported.properties["thermostat1"]?["targetTemperature"] == [
                "ac": 200, "ad": "Successfully executed patch", "av": 2, "value": 5,
            ])
    }

    private func drop(_ hub: Hub, device: String) async throws {
        // Not in the middle of an answer: the SDK waits for ever for one that a drop has swallowed.
        let before = await hub.telemetry().count
        let isQuiet = await hub.wait(upTo: .seconds(180)) { $0.telemetry().count > before + 2 }
        #expect(isQuiet)
        let count = await hub.telemetry().count
        await hub.dropConnections(device: device)
        let isBack = await hub.wait(upTo: .seconds(180)) {
            $0.device(device)?.isConnected == true && $0.telemetry().count > count + 3
        }
        let arrived = await hub.telemetry().count - count
        let (open, ended) = (await hub.connections(), await hub.endedConnections().suffix(3))
        #expect(isBack, "\(arrived) messages; open: \(open); ended: \(ended)")
        // Nothing is subscribed again: the stored session is what makes this work.
        #expect(try await hub.invokeMethod(device, name: "reboot", payload: 0).status == 200)
    }

    private func end(_ controller: PythonProgram, _ hub: Hub) async throws {
        try controller.write("q")
        while let line = await controller.nextLine(), line != "ended" {}
        let isGone = await hub.wait(upTo: .seconds(180)) { $0.connections().isEmpty }
        #expect(isGone)
    }
}
