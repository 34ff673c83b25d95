// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Testing

@Suite("Sensor health") struct SensorHealthTests {
    private let start = ContinuousClock.now

    @Test("Three failures make a sensor lost, one good sample brings it back, each said once") func changes()
    {
        var health = SensorHealth()
        let changes = (0..<5).map { _ in health.failed(at: start, interval: .seconds(8)) }
        #expect(changes == [.firstFailure, .none, .lost, .none, .none])
        #expect(health.succeeded() == .recovered)
        #expect(health.succeeded() == .none)
        #expect(health.failed(at: start, interval: .seconds(8)) == .firstFailure)
        #expect(health.succeeded() == .none)
    }

    @Test("A lost sensor is tried less often, at least once a minute") func backOff() {
        var health = SensorHealth()
        var waits: [Duration] = []
        for _ in 0..<8 {
            _ = health.failed(at: start, interval: .seconds(8))
            if let next = health.notBefore { waits.append(start.duration(to: next)) }
        }
        #expect(waits == [.seconds(8), .seconds(16), .seconds(32), .seconds(60), .seconds(60), .seconds(60)])
    }
}
