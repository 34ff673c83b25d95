// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Secrets
import StrictJSON
import TestClocks
import Testing

@testable import IoTHub

@Suite(.timeLimit(.minutes(10))) struct HubClientConnectionTests {
    @Test("It connects, subscribes, reads the twin and says so")
    func first() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            for state in [ConnectionState.connecting, .subscribing, .syncing, .online] {
                guard case .state(state, let reason) = try await reader.next() else {
                    Issue.record("it is not \(state)")
                    return
                }
                #expect(reason.contains("hub.example"))
            }
            #expect(try await reader.twin().desiredVersion == 1)
            let status = await harness.client.status
            #expect((status.failures, status.nextAttempt, status.sessions) == (0, nil, 1))
        }
        let credentials = try #require(await harness.hub.connects.first)
        #expect(credentials.host == "hub.example")
        #expect(credentials.port == 8883)
        #expect(credentials.clientID == "dev1")
        #expect(credentials.cleanSession == false)
        #expect(
            credentials.userName == "hub.example/dev1/?api-version=2021-04-12&DeviceClientType=tests%2F1"
                + "&model-id=dtmi%3Acom%3Aexample%3ATemperatureController%3B2")
        #expect(
            credentials.password?.reveal().hasPrefix(
                "SharedAccessSignature sr=hub.example%2Fdevices%2Fdev1&sig=")
                == true)
        #expect(
            await harness.hub.subscriptions == [
                ["$iothub/methods/POST/#", "$iothub/twin/res/#", "$iothub/twin/PATCH/properties/desired/#"]
            ])
        #expect(await harness.hub.disconnects == 1)
    }

    @Test("A gateway is dialled while names keep the hub; a port is dialled and stays in the names")
    func gateway() async throws {
        let text =
            "HostName=localhost:1883;DeviceId=d;SharedAccessKey=\(ClientHarness.key);GatewayHostName=gw:7"
        let harness = try ClientHarness(.connectionString(ConnectionString(parsing: Secret(text))))
        try await harness.run { reader in try await reader.state(.online) }
        let credentials = try #require(await harness.hub.connects.first)
        #expect((credentials.host, credentials.port) == ("gw", 7))
        #expect(credentials.userName.hasPrefix("localhost:1883/d/?"))
        #expect(credentials.password?.reveal().contains("sr=localhost%3A1883%2Fdevices%2Fd&") == true)
    }

    @Test(
        "The first connect may fail any number of times",
        arguments: [
            TransportError.Code.nameNotResolved, .unreachable, .refused(returnCode: 3), .connectionLost,
            .timedOut,
        ])
    func retries(code: TransportError.Code) async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = Array(repeating: .fail(code), count: 12) }
        try await harness.run { reader in
            for _ in 0..<12 {
                let reason = try await reader.state(.offline)
                #expect(reason.contains(". Next attempt in") && reason.first?.isUppercase == true)
                await harness.step()
            }
            try await reader.state(.online)
        }
        let cause = FailureCause(connectFailure: code)
        let longest = (1...12).map { BackoffPolicy().delay(after: cause, failures: $0, random: .max) }
        #expect(harness.time.elapsed <= longest.reduce(.zero, +))
        #expect(harness.time.elapsed > .seconds(10))
    }

    @Test(
        "What will not get better by itself is tried slowly and said loudly",
        arguments: [
            (TransportError.Code.tls, 2), (.localConfiguration, 1), (.refused(returnCode: 1), 1),
            (.refused(returnCode: 2), 1), (.refused(returnCode: 4), 1), (.refused(returnCode: 5), 3),
        ])
    func slow(code: TransportError.Code, hopelessFrom: Int) async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = Array(repeating: .fail(code), count: 3) }
        try await harness.run { reader in
            for attempt in 1...3 {
                try await reader.state(.offline)
                let before = harness.time.elapsed
                await harness.step()
                let waited = harness.time.elapsed - before
                if attempt >= hopelessFrom {
                    #expect((.seconds(30) ... .seconds(240)).contains(waited))
                } else {
                    #expect(waited <= .seconds(2))
                }
            }
            try await reader.state(.online)
        }
        #expect(harness.lines.all.contains { $0.hasPrefix("error:") })
        #expect(await harness.hub.connects.count == 4)
    }

    @Test("A connection that hangs is given up after its limit")
    func hangingConnect() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = [.hang] }
        try await harness.run { reader in
            try await reader.state(.connecting)
            await harness.step()
            #expect(harness.time.elapsed == .seconds(60))
            #expect(try await reader.state(.offline).contains("port 8883"))
            await harness.hub.wait { $0.disconnects == 1 }
            // Whether the wait for DISCONNECT or the one behind it is the next depends on who is quicker.
            await harness.step()
            try await reader.state(.online)
        }
    }

    @Test("The status has the failures so far and the time to the next attempt")
    func status() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = [.fail(.unreachable), .fail(.unreachable)] }
        try await harness.run { reader in
            try await reader.state(.offline)
            await harness.step()
            let reason = try await reader.state(.offline)
            let status = await harness.client.status
            #expect(status.failures == 2)
            let wait = try #require(status.nextAttempt)
            #expect(reason.hasSuffix("Next attempt in \(HubSession.text(wait))."))
            await harness.step()
            try await reader.state(.online)
            #expect(await harness.client.status.sessions == 1)
        }
    }

    @Test("Stopping while a connect hangs returns without waiting for it")
    func stopWhileHanging() async throws {
        let harness = try ClientHarness()
        await harness.hub.configure { $0.connectScript = [.hang] }
        let running = Task { await harness.client.run() }
        await harness.hub.wait { $0.connects.count == 1 }
        await harness.client.stop()
        await running.value
        #expect(harness.time.elapsed == .zero)
        #expect(await harness.client.status.state == .stopped)
    }

    @Test("Cancelling the task is the same as stopping")
    func cancel() async throws {
        let harness = try ClientHarness()
        let running = Task { await harness.client.run() }
        var reader = EventReader(client: harness.client)
        try await reader.state(.online)
        running.cancel()
        await running.value
        #expect(await harness.hub.disconnects == 1)
        #expect(await harness.client.status.state == .stopped)
        await #expect(throws: HubError.self) {
            try await harness.client.send(TelemetryMessage(body: .json(1)))
        }
    }

    @Test("Stopping before running ends it at once")
    func stopFirst() async throws {
        let harness = try ClientHarness()
        await harness.client.stop()
        await harness.client.run()
        #expect(await harness.hub.connects.isEmpty)
    }

    @Test("A dropped connection comes back, subscribes again and reads the twin again")
    func reconnect() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            for _ in 0..<3 {
                _ = try await reader.twin()
                await harness.hub.drop()
                let reason = try await reader.state(.offline)
                #expect(reason.contains("check the network"))
                await harness.step()
            }
            _ = try await reader.twin()
        }
        #expect(await harness.hub.connects.count == 4)
        #expect(await harness.hub.subscriptions.count == 4)
    }

    @Test("Without a clock it waits, says why, and goes on when the clock is set")
    func clock() async throws {
        let harness = try ClientHarness()
        harness.time.setWallIsTrusted(false)
        try await harness.run { reader in
            #expect(try await reader.state(.offline).contains("timedatectl"))
            #expect(await harness.hub.connects.isEmpty)
            harness.time.setWallIsTrusted(true)
            await harness.step()
            try await reader.state(.online)
            #expect(harness.time.elapsed == .seconds(5))
        }
    }
}
