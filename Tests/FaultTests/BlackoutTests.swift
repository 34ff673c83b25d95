// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Foundation
import IoTHub
import LocalHub
import PlugAndPlay
import Quantities
import Testing

/// Hours without a hub, with samples dated hours apart, and a hub that DPS has to find first.
@Suite("Blackouts, store and pump against hub", .timeLimit(.minutes(10)), .serialized) struct BlackoutTests {
    /// A round of samples, one of each stream, each 24 seconds over eight hours.
    private static let rounds = 1_200
    private static let interval = Duration.seconds(24)
    private static let streams = [
        Telemetry.temperature(of: .thermostat1), .temperature(of: .thermostat2), .workingSet,
    ]
    /// Far from all that ``Endurance`` sends by itself.
    private static let base = 10_000

    /// Offers what eight hours before now would have measured; tells when each was.
    private func offerPast(_ run: Endurance) async -> [Int: WallTime] {
        let now = RealTime().now()
        var dates: [Int: WallTime] = [:]
        for number in 0..<Self.rounds {
            let age = Self.interval * (Self.rounds - number)
            let taken = Now(
                monotonic: now.monotonic.advanced(by: .zero - age), wall: now.wall?.advanced(by: .zero - age),
                wallIsTrusted: true)
            for stream in Self.streams {
                await run.pump.offer(
                    Double(Self.base + number), of: stream, simulated: false, takenAt: taken)
            }
            dates[Self.base + number] = taken.wall
        }
        return dates
    }

    @Test("After eight hours everything arrives, dated as it was measured, and what is live comes first")
    func hours() async throws {
        try await Endurance.with(
            .init { $0.backoff = BackoffPolicy(longestWait: .milliseconds(200)) }.replaying(1_000)
        ) {
            run in
            await run.expectMore()
            await run.hub.setFault(Fault(.refuseConnect(code: 3)))
            await run.hub.dropConnections()
            let refused = await run.hub.wait(upTo: .seconds(180)) { $0.endedConnections().count >= 3 }
            #expect(refused)
            let before = await run.hub.telemetry().count
            let dates = await offerPast(run)
            // What is stored only when the hub is back counts as live, and has no date of its own.
            await run.pump.drain()
            await run.hub.clearFaults()

            let expected = Self.rounds * Self.streams.count
            var records: [TelemetryRecord] = []
            var past: [Int: TelemetryRecord] = [:]
            var isMoving = true
            // In steps, and each message once: to read all of them at each one would take longer than the messages.
            while past.count < expected, isMoving {
                let last = records.last?.sequence ?? before
                isMoving = await run.hub.wait(upTo: .seconds(180)) {
                    $0.telemetry(after: last + 199).count > 0
                }
                let new = await run.hub.telemetry(after: last)
                for record in new where Self.isPast(record) { past[record.sequence] = record }
                records += new
            }
            #expect(past.count == expected)
            var arrived: Set<String> = []
            for record in past.values {
                guard let number = Self.number(record) else { continue }
                arrived.insert("\(record.component ?? "") \(number)")
                #expect(Self.created(record) == dates[number]?.millisecondsSince1970)
            }
            #expect(arrived.count == expected)
            // What is old waits for its rate of a thousand a second, what is live goes at once.
            let end = past.keys.max() ?? 0
            let live = records.count {
                $0.sequence < end && $0.properties["iothub-creation-time-utc"] == nil
            }
            #expect(live >= 50, "only \(live) live ones overtook")
            await run.expectMore()
        }
    }

    private static func number(_ record: TelemetryRecord) -> Int? {
        (record.json?["workingSet"] ?? record.json?["temperature"])?.double.map { Int($0) }
    }

    private static func isPast(_ record: TelemetryRecord) -> Bool { number(record) ?? 0 >= base }

    private static func created(_ record: TelemetryRecord) -> Int64? {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return record.properties["iothub-creation-time-utc"].flatMap { try? Date($0, strategy: format) }.map {
            Int64(($0.timeIntervalSince1970 * 1_000).rounded())
        }
    }

    @Test("DPS answers 429, assigns, and later another hub: no number is missing") func reassigned()
        async throws
    {
        let setup = Endurance.Setup(
            isProvisioned: true,
            prepare: { server in
                try await Self.enroll(server)
                await server.hub.setFault(
                    Fault(.provisioningError(.register, code: 429_001, retryAfter: 1), count: 2))
            })
        try await Endurance.with(setup) { run in
            await run.expectMore()
            #expect(await run.cloud.link().0.host == "localhost:\(run.server.mqttPort)")
            // The same machine under another name, as another hub would be.
            try await Self.enroll(run.server, at: "127.0.0.1:\(run.server.mqttPort)")
            await run.hub.setFault(
                Fault(.provisioningError(.register, code: 429_001, retryAfter: 1), count: 2))
            await run.hub.setFault(Fault(.refuseConnect(code: 5), deviceId: "dev-1", count: 2))
            await run.hub.dropConnections()
            await run.expectMore()
            let isUsedUp = await run.hub.wait(upTo: .seconds(180)) { $0.faults().isEmpty }
            #expect(isUsedUp)
            #expect(await run.cloud.link().0.host == "127.0.0.1:\(run.server.mqttPort)")
            await run.expectMore()
        }
    }

    private static func enroll(_ server: LocalHubServer, at hub: String? = nil) async throws {
        try await server.hub.putEnrollment(
            Enrollment(
                registrationId: Endurance.registration,
                attestation: .symmetricKey(
                    primary: Endurance.enrollmentKey, secondary: Endurance.enrollmentKey),
                deviceId: "dev-1", behavior: ProvisioningBehavior(pendingReplies: 0, assignedHub: hub)))
    }
}

extension Endurance.Setup {
    /// The same with another rate for what had to wait.
    fileprivate func replaying(_ rate: Double) -> Self {
        var setup = self
        setup.replayRate = rate
        return setup
    }
}
