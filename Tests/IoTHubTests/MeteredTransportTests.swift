// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Simulation
import StrictJSON
import Synchronization
import TestClocks
import Testing

@testable import IoTHub

@Suite struct MeteredTransportTests {
    /// Topic, size of the payload, and what it counts as.
    private typealias Row = (topic: String, bytes: Int, kind: BillableOperation.Kind?, counted: Int)

    @Test("What the device sends counts once, by its kind")
    func sent() {
        let rows: [Row] = [
            ("devices/d/messages/events/$.ct=a&b=c", 20, .telemetry, 30),
            ("devices/d/messages/events/", 20, .telemetry, 20),
            ("$iothub/twin/PATCH/properties/reported/?$rid=1", 300, .twinUpdate, 300),
            ("$iothub/methods/res/200/?$rid=1", 0, .commandAnswer, 0),
            ("$iothub/twin/GET/?$rid=1", 0, nil, 0),
            ("$dps/registrations/PUT/iotdps-register/?$rid=1", 90, nil, 0),
        ]
        for row in rows {
            let operation = BillableOperation(
                publishing: Array(repeating: 0, count: row.bytes), to: row.topic)
            #expect(operation?.kind == row.kind, "\(row.topic)")
            #expect(operation?.bytes ?? 0 == row.counted, "\(row.topic)")
        }
    }

    @Test("What comes counts once, by its kind")
    func received() {
        let rows: [Row] = [
            ("$iothub/twin/res/200/?$rid=1", 900, .twinRead, 900),
            ("$iothub/twin/res/204/?$rid=1&$version=2", 0, nil, 0),
            ("$iothub/twin/res/429/?$rid=1", 10, nil, 0),
            ("$iothub/twin/PATCH/properties/desired/?$version=2", 40, nil, 0),
            ("$iothub/methods/POST/reboot/?$rid=1", 5, .commandRequest, 5),
            ("devices/d/messages/devicebound/a=b", 7, .cloudMessage, 7),
            ("$dps/registrations/res/200/?$rid=1", 90, nil, 0),
        ]
        for row in rows {
            let operation = BillableOperation(
                receiving: Array(repeating: 0, count: row.bytes), from: row.topic)
            #expect(operation?.kind == row.kind, "\(row.topic)")
            #expect(operation?.bytes ?? 0 == row.counted, "\(row.topic)")
        }
    }

    @Test("A client's day is counted at its transport, and failures are not")
    func client() async throws {
        let (hub, time) = (FakeHub(), SteppedTime(wall: .beginning))
        let counted = Mutex<[BillableOperation.Kind: Int]>([:])
        let metered = MeteredTransport(hub) { operation in
            counted.withLock { $0[operation.kind, default: 0] += 1 }
        }
        let client = HubClient(
            configuration: try ClientHarness.configuration(), transport: metered, time: time,
            random: SeededGenerator.source(seed: 1), log: .init(label: "test") { _ in LogLines() })
        let running = Task { await client.run() }
        var reader = EventReader(client: client)
        try await reader.state(.online)
        _ = try await reader.twin()
        for _ in 0..<10 { try await client.send(TelemetryMessage(body: .json(["x": 1]))) }
        _ = try await client.report(["serialNumber": "1"])
        await hub.push("$iothub/methods/POST/reboot/?$rid=9", "{}")
        guard case .command(let request) = try await reader.content() else {
            Issue.record("no command came")
            return
        }
        try await client.respond(to: request, status: 200, body: [:])
        await hub.drop()
        await #expect(throws: HubError.self) {
            try await client.send(TelemetryMessage(body: .json(["x": 1])))
        }
        await client.stop()
        await running.value
        #expect(
            counted.withLock { $0 } == [
                .twinRead: 1, .telemetry: 10, .twinUpdate: 1, .commandRequest: 1, .commandAnswer: 1,
            ])
    }
}
