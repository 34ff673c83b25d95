// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import AgentCore

@Suite("Readiness") struct ReadinessTests {
    private let a = SensorName("a")
    private let b = SensorName("b")

    private enum Event {
        case tried(SensorName), ticked
    }

    /// What is answered to each event.
    private func answers(_ sensors: [SensorName], _ events: [Event]) -> [Bool] {
        var ready = Readiness(sensors: sensors)
        return events.map { event in
            switch event {
            case .tried(let sensor): ready.hasTried(sensor)
            case .ticked: ready.hasControlled()
            }
        }
    }

    @Test("It comes once, with the last sensor's first result or the first tick, whichever is later")
    func order() {
        #expect(
            answers([a, b], [.tried(a), .ticked, .tried(a), .ticked, .tried(b), .tried(b), .ticked])
                == [false, false, false, false, true, false, false])
        #expect(
            answers([a, b], [.tried(b), .tried(a), .ticked, .ticked, .tried(a)])
                == [false, false, true, false, false])
    }

    @Test("Without sensors the first tick is enough; a sensor that nobody waits for makes nothing ready")
    func none() {
        #expect(answers([], [.tried(a), .ticked, .ticked]) == [false, true, false])
        #expect(answers([a], [.tried(b), .ticked, .tried(b), .tried(a)]) == [false, false, false, true])
    }
}
