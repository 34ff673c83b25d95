// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import IoTHub
import Quantities
import StrictJSON
import Testing

@Suite("Telemetry outbox") struct TelemetryOutboxTests {
    private let start = ContinuousClock.now
    private func message(_ number: Int) -> TelemetryMessage {
        TelemetryMessage(body: .json(["n": .int(Int64(number))]))
    }

    @Test("Messages leave in order and only when they are taken out") func order() {
        var outbox = TelemetryOutbox()
        for number in 0..<3 {
            let dropsOne = outbox.append(message(number), measuredAt: start, isOnline: true)
            #expect(!dropsOne)
        }
        #expect(outbox.first?.message == message(0))
        #expect(outbox.first?.message == message(0))
        outbox.remove(0)
        #expect(outbox.first?.message == message(1))
        #expect(outbox.count == 2)
    }

    @Test("A full outbox keeps the newest and counts the rest") func full() {
        var outbox = TelemetryOutbox(capacity: 10)
        for number in 0..<25 { _ = outbox.append(message(number), measuredAt: start, isOnline: false) }
        #expect(outbox.count == 10)
        #expect(outbox.first?.message == message(15))
        #expect(outbox.dropped == 15)
    }

    @Test("A message that had to wait carries the time of its measurement, once the clock is trusted")
    func time() throws {
        var outbox = TelemetryOutbox()
        _ = outbox.append(message(1), measuredAt: start, isOnline: false)
        let entry = try #require(outbox.first)
        let later = start.advanced(by: .seconds(90))
        let wall = WallTime(millisecondsSince1970: 1_000_000)
        #expect(
            entry.outgoing(at: Now(monotonic: later, wall: wall, wallIsTrusted: true)).createdAt?
                .millisecondsSince1970 == 910_000)
        #expect(entry.outgoing(at: Now(monotonic: later, wall: wall, wallIsTrusted: false)).createdAt == nil)
        outbox.remove(entry.number)
        _ = outbox.append(message(2), measuredAt: start, isOnline: true)
        #expect(
            outbox.first?.outgoing(at: Now(monotonic: start, wall: wall, wallIsTrusted: true)).createdAt
                == nil)
        if let number = outbox.first?.number { outbox.delay(number) }
        #expect(
            outbox.first?.outgoing(at: Now(monotonic: start, wall: wall, wallIsTrusted: true)).createdAt
                == wall)
    }
}
