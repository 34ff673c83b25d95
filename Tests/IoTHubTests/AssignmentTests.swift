// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import Secrets
import Testing

@testable import IoTHub

/// When the assigned hub is used without asking, and when DPS is asked again.
@Suite struct AssignmentTests {
    private static func cached(_ settings: ProvisioningSettings? = nil) throws -> CachedAssignment {
        CachedAssignment(
            hub: "hub-0.example:8884", deviceID: "dev-0",
            fingerprint: try (settings ?? SessionScript.settings()).fingerprint())
    }

    private func recalled() throws -> SessionScript {
        var script = try SessionScript(provisions: true)
        script.feed(.recalled(try Self.cached()))
        script.feed(.start)
        return script
    }

    private static func cacheActions(_ script: SessionScript) -> [String] {
        script.actions.compactMap {
            switch $0 {
            case .saveAssignment(let assignment): "save \(assignment.hub) \(assignment.deviceID)"
            case .forgetAssignment: "forget"
            default: nil
            }
        }
    }

    @Test("A known hub is dialled without DPS, under the device id that was assigned")
    func start() throws {
        let script = try recalled()
        guard case .connect(let credentials, _) = script.actions.last else {
            Issue.record("no connect")
            return
        }
        #expect((credentials.host, credentials.port) == ("hub-0.example", 8884))
        #expect(credentials.clientID == "dev-0")
        #expect(script.session.state == .connecting)
    }

    @Test("An assignment is saved with what it was made for, and holds no key")
    func save() throws {
        var script = try SessionScript(provisions: true)
        script.feed(.start)
        script.connected()
        script.granted()
        script.registrationIsAnswered()
        #expect(Self.cacheActions(script) == ["save hub-1.example dev-7"])
        for case .saveAssignment(let assignment) in script.actions {
            #expect(assignment.fingerprint == (try SessionScript.settings().fingerprint()))
            #expect(!"\(assignment)".contains(ClientHarness.key))
        }
    }

    @Test("Another key, registration id or damage makes it forget and ask DPS")
    func changes() throws {
        let otherKey = "AAAA" + ClientHarness.key.dropFirst(4)
        var wrong = [
            try Self.cached(SessionScript.settings(key: otherKey)),
            try Self.cached(SessionScript.settings(registrationID: "reg-2")), try Self.cached(),
            try Self.cached(),
        ]
        wrong[2].hub = "no host/at all"
        wrong[3].deviceID = "a+b"
        for cached in wrong {
            var script = try SessionScript(provisions: true)
            script.feed(.recalled(cached))
            #expect(Self.cacheActions(script) == ["forget"], "\(cached)")
            script.feed(.start)
            #expect(script.dialled == "dps.example")
        }
    }

    @Test("A device with a connection string takes nothing from the cache")
    func connectionString() throws {
        var script = try SessionScript()
        script.feed(.recalled(try Self.cached()))
        #expect(script.actions.isEmpty)
        script.feed(.start)
        #expect(script.dialled == "hub.example")
    }

    @Test("The fingerprint changes with everything that decides who is assigned where, and is no token")
    func fingerprint() throws {
        let otherKey = "AAAA" + ClientHarness.key.dropFirst(4)
        var otherScope = try SessionScript.settings()
        otherScope.idScope = "0ne00000000"
        var otherEndpoint = try SessionScript.settings()
        otherEndpoint.endpoint = ProvisioningSettings.globalEndpoint
        let all = [
            try SessionScript.settings(), try SessionScript.settings(key: otherKey),
            try SessionScript.settings(registrationID: "reg-2"), otherScope, otherEndpoint,
        ]
        #expect(Set(try all.map { try $0.fingerprint() }).count == all.count)
        #expect(try SessionScript.settings().fingerprint() == SessionScript.settings().fingerprint())
    }

    /// Refusals in a row, and after which of them DPS is asked.
    @Test(
        "A hub that refuses sends the device back to DPS, and the assignment is forgotten",
        arguments: [(UInt8(5), 2), (1, 1), (2, 1), (4, 1)])
    func refused(code: UInt8, after: Int) throws {
        var script = try recalled()
        for count in 1...after {
            #expect(script.dialled == "hub-0.example")
            script.connectFails(.refused(returnCode: code))
            #expect(Self.cacheActions(script) == (count == after ? ["forget"] : []))
            try script.due()
        }
        #expect(script.dialled == "dps.example")
        script.getAssigned()
        #expect(script.dialled == "hub-1.example")
    }

    @Test(
        "Ten failures of another kind make it ask DPS and keep the known hub",
        arguments: [
            TransportError.Code.nameNotResolved, .unreachable, .timedOut, .tls, .refused(returnCode: 3),
            .connectionLost,
        ])
    func outOfReach(code: TransportError.Code) throws {
        var script = try recalled()
        for _ in 0..<10 {
            #expect(script.dialled == "hub-0.example")
            script.connectFails(code)
            #expect(Self.cacheActions(script).isEmpty)
            try script.due()
        }
        #expect(script.dialled == "dps.example")
        #expect(script.session.reason.contains("moved to another hub"))
        script.connected()
        script.granted()
        script.registrationIsAnswered()
        #expect(Self.cacheActions(script) == ["save hub-1.example dev-7"])
        #expect(script.logged(.notice).contains { $0.contains("from hub-0.example:8884 to hub-1.example") })
        script.disconnected()
        #expect(script.dialled == "hub-1.example")
    }

    @Test("Where DPS does not help, the known hub gets ten more attempts", arguments: [false, true])
    func neither(dpsAnswers: Bool) throws {
        var script = try recalled()
        for _ in 0..<3 {
            for _ in 0..<10 {
                #expect(script.dialled == "hub-0.example")
                script.connectFails(.unreachable)
                try script.due()
            }
            #expect(script.dialled == "dps.example")
            if dpsAnswers {
                script.connected()
                script.granted()
                script.registrationIsAnswered(401, #"{"errorCode":401002}"#)
                script.disconnected()
            } else {
                script.connectFails(.nameNotResolved)
            }
            try script.due()
        }
        #expect(script.dialled == "hub-0.example")
    }

    @Test("A hub that grants no subscription counts as failing; one that was online starts the count again")
    func counts() throws {
        var script = try recalled()
        for _ in 0..<9 {
            script.connected()
            script.lost()
            try script.due()
        }
        #expect(script.session.failures.sinceAssignment == 9)
        try script.goOnline()
        #expect(script.session.failures.sinceAssignment == 0)
    }

    @Test("The client loads, saves and forgets through the cache, in order")
    func client() async throws {
        let cache = MemoryCache(
            CachedAssignment(hub: "old.example", deviceID: "d", fingerprint: "of another"))
        let harness = try ClientHarness(.provisioning(SessionScript.settings()), cache: cache)
        await harness.hub.configure {
            $0.registrationScript = [
                .init(
                    status: 200, retryAfter: nil,
                    body:
                        #"{"status":"assigned","registrationState":{"assignedHub":"new.example","deviceId":"d"}}"#
                )
            ]
        }
        try await harness.run { reader in try await reader.state(.online) }
        #expect(await cache.calls == ["load", "forget", "save new.example"])
        let second = try ClientHarness(.provisioning(SessionScript.settings()), cache: cache)
        try await second.run { reader in try await reader.state(.online) }
        #expect(await second.hub.connects.map(\.host) == ["new.example"])
    }
}

/// Keeps an assignment in memory and what was done with it.
private actor MemoryCache: AssignmentCache {
    private var assignment: CachedAssignment?
    private(set) var calls: [String] = []

    init(_ assignment: CachedAssignment?) { self.assignment = assignment }

    func load() -> CachedAssignment? {
        calls.append("load")
        return assignment
    }

    func save(_ assignment: CachedAssignment) {
        calls.append("save \(assignment.hub)")
        self.assignment = assignment
    }

    func forget() {
        calls.append("forget")
        assignment = nil
    }
}
