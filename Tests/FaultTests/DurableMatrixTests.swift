// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import IoTHub
import LocalHub
import Testing

/// One fault each, and after it every number has arrived: nothing sampled is lost.
@Suite("Faults of the connection, store and pump against hub", .timeLimit(.minutes(10)), .serialized)
struct DurableMatrixTests {
    /// Waits until the hub has seen so many more connections than before.
    private func connections(_ more: Int, of run: Endurance, within limit: Duration = .seconds(180)) async {
        let isTrue = await run.hub.wait(upTo: limit) { $0.endedConnections().count >= more }
        let count = await run.hub.endedConnections().count
        #expect(isTrue, "only \(count) connections ended")
    }

    @Test("A connection that is cut 100 times under load") func cut() async throws {
        try await Endurance.with { run in
            await run.expectMore()
            for _ in 1...100 {
                let before = await run.hub.telemetry().count
                _ = await run.hub.wait(upTo: .seconds(180)) { $0.telemetry().count >= before + 10 }
                await run.hub.dropConnections()
            }
            await run.expectMore()
            #expect(await run.hub.endedConnections().count >= 100)
        }
    }

    @Test("PUBACKs that are held back until the connection counts as dead") func held() async throws {
        try await Endurance.with(.init { $0.limits.acknowledgement = .seconds(2) }) { run in
            await run.expectMore()
            await run.hub.setFault(Fault(.holdPubacks))
            await connections(1, of: run)
            await run.hub.clearFaults()
            await run.expectMore()
        }
    }

    @Test("PUBACKs that come late") func delayed() async throws {
        try await Endurance.with { run in
            await run.hub.setFault(Fault(.delayPubacks(.milliseconds(500))))
            await run.expectMore(100)
        }
    }

    @Test("One PUBACK in three that never comes") func dropped() async throws {
        try await Endurance.with(.init { $0.limits.acknowledgement = .seconds(1) }) { run in
            await run.expectMore()
            await run.hub.setFault(Fault(.dropPubacks(oneIn: 3)))
            await connections(3, of: run)
            await run.hub.clearFaults()
            await run.expectMore()
            // Which stream that is depends on how they take turns.
            let repeats = await run.hub.arrivals().values.map(\.repeats).reduce(0, +)
            #expect(repeats >= 3, "what ended a connection has to go again")
        }
    }

    @Test("A link that is half open") func halfOpen() async throws {
        try await Endurance.with(.init { $0.limits.acknowledgement = .seconds(2) }) { run in
            await run.expectMore()
            await run.hub.freezeConnections()
            await connections(1, of: run)
            await run.expectMore()
        }
    }

    @Test("CONNECT refused with 3 (service unavailable) and 5 (not authorised)", arguments: [3, 5])
    func refused(code: Int) async throws {
        try await Endurance.with { run in
            await run.expectMore()
            await run.hub.setFault(Fault(.refuseConnect(code: code), count: 5))
            await run.hub.dropConnections()
            await connections(6, of: run)
            await run.expectMore()
        }
    }

    @Test("A certificate that is wrong for a while", arguments: Fault.WrongCertificate.allCases)
    func certificate(kind: Fault.WrongCertificate) async throws {
        try await Endurance.with(.init(allowed: Set(Violation.Kind.allCases))) { run in
            await run.expectMore()
            await run.hub.setFault(Fault(.wrongCertificate(kind), count: 3))
            await run.hub.dropConnections()
            _ = await run.hub.wait(upTo: .seconds(180)) { $0.faults().isEmpty }
            await run.expectMore()
        }
    }

    @Test("A twin that answers 429 or 500 for a while", arguments: Fault.TwinOperation.allCases, [429, 500])
    func twinStatus(operation: Fault.TwinOperation, status: Int) async throws {
        try await Endurance.with { run in
            await run.hub.setFault(Fault(.twinStatus(operation, status: status), count: 2))
            await run.expectMore()
            let isTrue = await run.hub.wait(upTo: .seconds(180)) {
                $0.faults().isEmpty && (try? $0.twin("d1"))?.reported.properties["serialNumber"] != nil
            }
            #expect(isTrue, "the report arrives in the end")
            await run.expectMore()
        }
    }

    @Test("A twin that says nothing for a while", arguments: Fault.TwinOperation.allCases)
    func twinSilence(operation: Fault.TwinOperation) async throws {
        try await Endurance.with(.init { $0.limits.request = .seconds(1) }) { run in
            await run.hub.setFault(Fault(.twinSilence(operation), count: 2))
            await run.expectMore()
            let isTrue = await run.hub.wait(upTo: .seconds(180)) {
                $0.faults().isEmpty && (try? $0.twin("d1"))?.reported.properties["serialNumber"] != nil
            }
            #expect(isTrue, "the report arrives in the end")
            await run.expectMore()
        }
    }

    @Test("A session that the hub has forgotten") func forgotten() async throws {
        try await Endurance.with { run in
            await run.expectMore()
            await run.hub.setFault(Fault(.sessionForgotten, count: 1))
            await run.hub.dropConnections()
            await run.hub.forgetSessions()
            await run.expectMore()
            let result = try await run.hub.invokeMethod(
                "d1", name: "reboot", payload: 1, responseTimeout: .seconds(10), connectTimeout: .seconds(10))
            #expect(result.status == 202, "subscribed anew")
        }
    }

    @Test("A token that is cut short") func tokenCutShort() async throws {
        try await Endurance.with { run in
            await run.hub.setFault(Fault(.tokenCutShort(.milliseconds(500)), count: 3))
            await connections(3, of: run)
            await run.expectMore()
        }
    }

    @Test("Ten renewals of the token under load") func renewals() async throws {
        try await Endurance.with(.init { $0.tokenLifetime = .seconds(3) }) { run in
            await connections(10, of: run, within: .seconds(180))
            await run.expectMore()
        }
    }
}

extension Endurance.Setup {
    /// The usual run with a client configured otherwise.
    init(_ client: @escaping @Sendable (inout HubClientConfiguration) -> Void) {
        self.init()
        self.client = client
    }
}
