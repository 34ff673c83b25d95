// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import LocalHub
import StrictJSON
import Synchronization
import Testing

/// Tells a task that it has done enough.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// One test for each fault of the connection: whatever happens, no number is missing at the hub in the end.
@Suite("Faults of the connection, client against hub", .serialized, .timeLimit(.minutes(10)))
struct FaultMatrixTests {
    /// Fails where a number below `count` never came.
    private func expectNoGap(_ count: Int, _ hub: Hub, sourceLocation: SourceLocation = #_sourceLocation)
        async
    {
        let came = Set(await hub.telemetry().compactMap { $0.json?["n"]?.integer })
        #expect(Set(0..<count).subtracting(came).isEmpty, sourceLocation: sourceLocation)
    }

    @Test("The connection is dropped 100 times under load")
    func dropped() async throws {
        try await FaultRig.with { rig in
            try await rig.run(rig.configuration()) { client in
                // Not by cancellation, which would end messages under way.
                let isEnough = Flag()
                async let sent = {
                    var next = 0
                    while !isEnough.isSet {
                        try await client.deliver(next..<next + 50)
                        next += 50
                    }
                    return next
                }()
                for _ in 0..<100 {
                    let before = await rig.hub.telemetry().count
                    // At least one message after each cut, so that every connection is cut while it is used.
                    #expect(await rig.hub.wait(upTo: .seconds(180)) { $0.telemetry().count > before })
                    await rig.hub.dropConnections()
                }
                isEnough.set()
                await expectNoGap(try await sent, rig.hub)
                #expect(await client.outages >= 90)
                // So many short connections in a row are taken for another client; once that is said.
                #expect(await client.states.contains { $0.reason.contains("another program") })
            }
        }
    }

    @Test(
        "PUBACKs are held, delayed or dropped",
        arguments: [
            (Fault(.holdPubacks, count: 30), true),
            (Fault(.delayPubacks(.milliseconds(200)), count: 60), false),
            (Fault(.dropPubacks(), count: 3), true),
        ])
    func pubacks(fault: Fault, costsConnection: Bool) async throws {
        try await FaultRig.with { rig in
            var configuration = try rig.configuration()
            if costsConnection { configuration.limits.acknowledgement = .seconds(3) }
            try await rig.run(configuration) { client in
                await rig.hub.setFault(fault)
                try await client.deliver(0..<120)
                await expectNoGap(120, rig.hub)
                #expect(await (client.outages > 0) == costsConnection)
                if costsConnection {
                    #expect(
                        await client.states.contains { $0.reason.contains("has not acknowledged a message") })
                }
            }
        }
    }

    @Test("A half-open link under load is found by its unanswered messages")
    func halfOpenLoaded() async throws {
        try await FaultRig.with { rig in
            var configuration = try rig.configuration()
            configuration.limits.acknowledgement = .seconds(3)
            try await rig.run(configuration) { client in
                try await client.deliver(0..<20)
                await rig.hub.freezeConnections()
                try await client.deliver(20..<60)
                await expectNoGap(60, rig.hub)
                #expect(await client.states.contains { $0.reason.contains("has not acknowledged a message") })
            }
        }
    }

    @Test("A half-open link without load is found by its unanswered ping")
    func halfOpenIdle() async throws {
        try await FaultRig.with { rig in
            var configuration = try rig.configuration()
            configuration.keepAlive = .seconds(5)
            try await rig.run(configuration) { client in
                await client.wait { $0.states.last?.state == .online }
                await rig.hub.freezeConnections()
                await client.wait { $0.outages == 1 }
                #expect(
                    await client.states.last { $0.state == .offline }?.reason.contains("keep-alive ping")
                        == true)
                try await client.deliver(0..<10)
                await expectNoGap(10, rig.hub)
            }
        }
    }

    @Test(
        "Connects are refused, silent, cut or not trusted for a while",
        arguments: [
            (Fault(.refuseConnect(code: 1), count: 3), "CONNACK 1"),
            (Fault(.refuseConnect(code: 2), count: 3), "CONNACK 2"),
            (Fault(.refuseConnect(code: 3), count: 3), "CONNACK 3"),
            (Fault(.refuseConnect(code: 4), count: 3), "CONNACK 4"),
            (Fault(.refuseConnect(code: 5), count: 3), "CONNACK 5"),
            (Fault(.dropAfterConnect, count: 3), "closed"),
            (Fault(.silentConnect, count: 1), "No connection"),
            (Fault(.silentSubscribe, count: 1), "subscriptions"),
            (Fault(.wrongCertificate(.expired), count: 3), "expired"),
            (Fault(.wrongCertificate(.authority), count: 3), "trusted authority"),
            (Fault(.wrongCertificate(.hostName), count: 3), "host name"),
        ])
    func connects(fault: Fault, word: String) async throws {
        try await FaultRig.with { rig in
            await rig.hub.setFault(fault)
            var configuration = try rig.configuration()
            if fault.kind == .silentConnect { configuration.limits.connect = .seconds(2) }
            if fault.kind == .silentSubscribe { configuration.limits.subscribe = .seconds(1) }
            try await rig.run(configuration) { client in
                try await client.deliver(0..<20)
                await expectNoGap(20, rig.hub)
                let reasons = await client.states.filter { $0.state == .offline }.map(\.reason)
                #expect(reasons.contains { $0.contains(word) }, "\(reasons)")
                #expect(reasons.count >= fault.count ?? 1)
            }
        }
    }

    @Test(
        "The twin is throttled, fails or is silent, and messages flow meanwhile",
        arguments: [
            Fault(.twinStatus(.get, status: 429)), Fault(.twinStatus(.get, status: 500)),
            Fault(.twinSilence(.get)),
        ])
    func twin(fault: Fault) async throws {
        try await FaultRig.with { rig in
            await rig.hub.setFault(fault)
            var configuration = try rig.configuration()
            configuration.limits.request = .seconds(2)
            try await rig.run(configuration) { client in
                try await client.deliver(0..<20)
                #expect(await client.twins.isEmpty, "they did not wait for the twin")
                await rig.hub.clearFaults()
                await client.wait { !$0.twins.isEmpty }
                await expectNoGap(20, rig.hub)
            }
        }
    }

    @Test("Three twin reads in a row without answer are worth a new connection, which reads it")
    func silentTwin() async throws {
        try await FaultRig.with { rig in
            await rig.hub.setFault(Fault(.twinSilence(.get), count: 4))
            var configuration = try rig.configuration()
            configuration.limits.request = .seconds(1)
            try await rig.run(configuration) { client in
                await client.wait { !$0.twins.isEmpty }
                #expect(await client.states.contains { $0.reason.contains("3 requests in a row unanswered") })
            }
        }
    }

    @Test(
        "A reported patch is throttled, fails or is silent, and arrives",
        arguments: [
            Fault(.twinStatus(.patch, status: 429), count: 2),
            Fault(.twinStatus(.patch, status: 503), count: 2),
            Fault(.twinSilence(.patch), count: 2),
        ])
    func patch(fault: Fault) async throws {
        try await FaultRig.with { rig in
            await rig.hub.setFault(fault)
            var configuration = try rig.configuration()
            configuration.limits.request = .seconds(2)
            // An answer that a busy machine keeps for longer is no silence of the hub.
            configuration.counts.unansweredRequests = 100
            try await rig.run(configuration) { client in
                await client.wait { $0.carriesMessages }
                let version = try await client.hub.report(["serialNumber": "1"])
                let reported = try await rig.hub.twin("d1").reported
                #expect(version == reported.version)
                #expect(reported.properties["serialNumber"] == "1")
            }
        }
    }

    @Test("The session is forgotten: it subscribes again and desired changes still arrive")
    func sessionLost() async throws {
        try await FaultRig.with { rig in
            try await rig.run(rig.configuration()) { client in
                await client.wait { $0.twins.count == 1 }
                await rig.hub.forgetSessions()
                await rig.hub.dropConnections()
                await client.wait { $0.twins.count == 2 }
                try await rig.hub.updateTwin("d1", desired: ["thermostat1": ["targetTemperature": 21.5]])
                await client.wait { !$0.patches.isEmpty }
                try await client.deliver(0..<10)
                await expectNoGap(10, rig.hub)
            }
        }
    }

    @Test("A token that is cut short costs a connection and no message")
    func tokenCutShort() async throws {
        try await FaultRig.with { rig in
            await rig.hub.setFault(Fault(.tokenCutShort(.milliseconds(300)), count: 3))
            try await rig.run(rig.configuration()) { client in
                var next = 0
                while await client.outages < 3 {
                    try await client.deliver(next..<next + 20)
                    next += 20
                }
                await expectNoGap(next, rig.hub)
            }
        }
    }

    @Test("Ten planned renewals under load lose nothing and are no outage")
    func renewals() async throws {
        try await FaultRig.with { rig in
            var configuration = try rig.configuration()
            configuration.tokenLifetime = .seconds(1)
            // A busy machine may renew late, which the real service does not mind either.
            await rig.hub.configure { $0.tokenGrace = .seconds(10) }
            try await rig.run(configuration) { client in
                var next = 0
                while await client.hub.status.sessions <= 10 {
                    try await client.deliver(next..<next + 100, lanes: 100)
                    next += 100
                }
                await expectNoGap(next, rig.hub)
                #expect(await client.outages == 0)
            }
        }
    }

    @Test("A message above the hub's limit is refused here, and the connection stays")
    func oversize() async throws {
        try await FaultRig.with { rig in
            try await rig.run(rig.configuration()) { client in
                await client.wait { $0.carriesMessages }
                let big = TelemetryMessage(
                    body: .bytes(Array(repeating: 0, count: 262_145), contentType: nil, contentEncoding: nil))
                let error = await #expect(throws: HubError.self) { try await client.hub.send(big) }
                #expect(error?.isContentAtFault == true)
                try await client.deliver(0..<10)
                #expect(await client.outages == 0)
            }
        }
    }

    @Test("A send that is cancelled says that it may be repeated, and holds nobody up")
    func cancelled() async throws {
        try await FaultRig.with { rig in
            try await rig.run(rig.configuration()) { client in
                await client.wait { $0.carriesMessages }
                await rig.hub.setFault(Fault(.holdPubacks, count: 1))
                let send = Task { () -> HubError? in
                    do throws(HubError) {
                        try await client.hub.send(TelemetryMessage(body: .json(["n": 0])))
                        return nil
                    } catch {
                        return error
                    }
                }
                #expect(await rig.hub.wait(upTo: .seconds(180)) { $0.telemetry().count == 1 })
                send.cancel()
                let error = await send.value
                #expect(error?.code == .cancelled)
                #expect(error?.isRetryable == true)
                try await client.deliver(0..<200, lanes: 100)
                await expectNoGap(200, rig.hub)
            }
        }
    }

    @Test("Cloud-to-device messages arrive with their properties and leave the hub's queue")
    func cloudMessages() async throws {
        try await FaultRig.with { rig in
            try await rig.run(rig.configuration()) { client in
                await client.wait { $0.states.last?.state == .online }
                var properties: [String: String?] = ["plain": "a+b c", "empty": "", "ü=": "100 %"]
                properties.updateValue(nil, forKey: "none")
                let message = CloudToDeviceMessage(
                    messageId: "m 1&2", contentType: "text/plain", properties: properties,
                    body: Array("hello".utf8))
                try await rig.hub.sendToDevice("d1", message)
                await client.wait { !$0.cloudMessages.isEmpty }
                let found = try #require(await client.cloudMessages.first)
                #expect(found.body == Array("hello".utf8))
                #expect(found.messageID == "m 1&2")
                properties["$.mid"] = "m 1&2"
                properties["$.ct"] = "text/plain"
                #expect(found.properties == properties)
                #expect(await rig.hub.wait(upTo: .seconds(180)) { $0.device("d1")?.queuedMessages == 0 })
                // Queued while it was away.
                await rig.hub.setFault(Fault(.refuseConnect(code: 3), count: 2))
                await rig.hub.dropConnections()
                try await rig.hub.sendToDevice("d1", CloudToDeviceMessage(body: [1]))
                await client.wait { $0.cloudMessages.count == 2 }
                #expect(await rig.hub.wait(upTo: .seconds(180)) { $0.device("d1")?.queuedMessages == 0 })
            }
        }
    }
}
