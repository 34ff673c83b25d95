// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Secrets
import TestClocks
import Testing

@testable import IoTHub

@Suite("Steps of the civil clock") struct ClockStepTests {
    private static let day = 86_400

    @Test("Ten renewals come when they are due, however the clock is set in between", arguments: [0, 3, -3])
    func renewals(days: Int) async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            try await reader.state(.online)
            for _ in 0..<10 {
                harness.time.stepWall(by: .seconds(days * Self.day))
                await harness.step()
                try await reader.state(.renewing)
                try await reader.state(.online)
            }
            // An hour each, less a margin of two to three minutes.
            #expect(harness.time.elapsed <= .seconds(10 * 3_480))
            #expect(harness.time.elapsed >= .seconds(10 * 3_420))
        }
        #expect(await harness.hub.connects.count == 11)
    }

    @Test("A clock that is set far gets a token by the new time at once", arguments: [3, -3])
    func exchange(days: Int) async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            try await reader.state(.online)
            harness.time.stepWall(by: .seconds(days * Self.day))
            await harness.client.clockWasSet()
            try await reader.state(.renewing)
            try await reader.state(.online)
        }
        let tokens = await harness.hub.connects.compactMap { $0.password?.reveal() }
        let expiries = tokens.compactMap { $0.split(separator: "&se=").last.flatMap { Int($0) } }
        try #require(expiries.count == 2)
        #expect(expiries[1] - expiries[0] == days * Self.day)
        #expect(harness.time.elapsed == .zero)
    }

    @Test("A clock that becomes wrong while connected ends nothing, and is said when a token is due")
    func wrong() async throws {
        let harness = try ClientHarness()
        try await harness.run { reader in
            try await reader.state(.online)
            harness.time.setWallIsTrusted(false)
            await harness.client.clockWasSet()
            #expect(await harness.client.status.state == .online)
            await harness.step()
            #expect(try await reader.state(.offline).contains("timedatectl"))
            harness.time.setWallIsTrusted(true)
            await harness.client.clockWasSet()
            try await reader.state(.online)
        }
    }
}
