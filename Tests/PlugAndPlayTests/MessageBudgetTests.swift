// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import Testing

@Suite struct MessageBudgetTests {
    @Test(
        "A message counts in pieces, and an empty one counts too",
        arguments: [
            (0, 1, 1), (1, 1, 1), (512, 1, 1), (513, 2, 1), (1_024, 2, 1), (1_025, 3, 1), (4_096, 8, 1),
            (4_097, 9, 2), (6_144, 12, 2), (262_144, 512, 64), (-5, 1, 1),
        ])
    func pieces(bytes: Int, free: Int, paid: Int) {
        #expect(MessageMeter.free.pieces(bytes) == free)
        #expect(MessageMeter.first.pieces(bytes) == paid)
    }

    /// Three streams of 150 bytes, a token of an hour.
    private func load(_ interval: Duration, streams: Int = 3) -> MessageBudget.Load {
        MessageBudget.Load(
            interval: interval, streams: Array(repeating: 150, count: streams),
            connections: MessageBudget.Load.connections(tokenLifetime: .seconds(3_600)))
    }

    @Test("The default configuration is four times too much for a free hub and fits a paid one")
    func standard() {
        let day = MessageBudget(load(.seconds(8)), .free)
        #expect(day.telemetry == 32_400)
        #expect(day.twin == 52 && day.reports == 50 && day.commands == 20)
        #expect(day.total == 32_522)
        #expect(MessageBudget.shortestInterval(load(.seconds(8)), .free) == .seconds(33))
        let paid = MessageBudget(load(.seconds(8)), .first)
        #expect(paid.total < 400_000 && paid.twin == 26)
        #expect(MessageBudget.shortestInterval(load(.seconds(8)), .paid) == nil)
    }

    @Test("A token is renewed so often", arguments: [(3_600, 26), (86_400, 2), (300, 412), (5, 24_686)])
    func renewals(lifetime: Int, connections: Int) {
        #expect(MessageBudget.Load.connections(tokenLifetime: .seconds(lifetime)) == connections)
        #expect(MessageBudget.Load.connections(tokenLifetime: nil) == 1)
    }

    @Test("Where the rest of the day is too much alone, no interval helps")
    func hopeless() {
        let meter = MessageMeter(pieceBytes: 512, perDay: 100)
        #expect(MessageBudget.shortestInterval(load(.seconds(8)), meter) == nil)
    }

    @Test("The advised interval fits, and a second less does not")
    func advice() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let meter = MessageMeter(
                pieceBytes: [512, 4_096].randomElement(using: &random) ?? 512,
                perDay: Int.random(in: 500...500_000, using: &random))
            var load = load(
                .seconds(Int.random(in: 1...86_400, using: &random)),
                streams: Int.random(in: 1...8, using: &random))
            load.streams = load.streams.map { _ in Int.random(in: 1...5_000, using: &random) }
            let interval = try #require(MessageBudget.shortestInterval(load, meter))
            load.interval = interval
            #expect(MessageBudget(load, meter).total <= meter.perDay ?? 0)
            guard interval > .seconds(1) else { continue }
            load.interval = interval - .seconds(1)
            #expect(MessageBudget(load, meter).total > meter.perDay ?? 0)
        }
    }

    @Test("The size of a message counts its properties")
    func size() throws {
        let plain = try #require(
            Telemetry.temperature(of: .thermostat1).message(21.5, simulated: false).billableSize)
        let marked = try #require(
            Telemetry.temperature(of: .thermostat1).message(21.5, simulated: true).billableSize)
        #expect(marked - plain == "&simulated=true".utf8.count)
        #expect(plain > #"{"temperature":21.5}"#.utf8.count && marked < 200)
    }
}
