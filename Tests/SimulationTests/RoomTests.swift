// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Testing

@testable import ChipModels
@testable import Simulation

@Suite("Room")
struct RoomTests {
    /// A room without weather, so that the exponential can be computed by hand.
    private static var still: Room.Properties {
        var properties = Room.Properties()
        properties.outdoorSwing = 0
        properties.outdoorMean = 10
        properties.heaterRise = 20
        properties.timeConstant = .seconds(3600)
        return properties
    }

    @Test("after one time constant 63 % of the way to the balance is gone")
    func timeConstant() {
        var room = Room(Self.still, celsius: 10, heaterPower: 0.5)
        room.step(by: .seconds(3600))
        #expect(abs(room.celsius - (20 - 10 * 0.36788)) < 0.001)
    }

    @Test("many small steps and one large step end at the same temperature")
    func stepsAddUp() {
        var whole = Room(celsius: 17)
        var parts = whole
        whole.step(by: .seconds(6 * 3600))
        for _ in 0..<(6 * 3600) { parts.step(by: .seconds(1)) }
        #expect(abs(whole.celsius - parts.celsius) < 0.001)
        #expect(whole.timeOfDay == parts.timeOfDay)
    }

    @Test("it is warmest outside at the set hour and coldest twelve hours from it")
    func weather() {
        let properties = Room.Properties()
        let warmest = Room(celsius: 20, timeOfDay: properties.warmestAt)
        let coldest = Room(celsius: 20, timeOfDay: properties.warmestAt - .seconds(12 * 3600))
        #expect(abs(warmest.outdoorCelsius - 13) < 1e-9)
        #expect(abs(coldest.outdoorCelsius - 3) < 1e-9)
    }

    @Test("heater power stays within 0 and 1, and is kept where the new one is not a number")
    func heaterPower() {
        var room = Room(celsius: 20)
        room.heaterPower = 7
        #expect(room.heaterPower == 1)
        room.heaterPower = -1
        #expect(room.heaterPower == 0)
        room.heaterPower = .nan
        #expect(room.heaterPower == 0)
    }

    @Test("a gap of years ends at once and leaves a temperature of the season")
    func longGap() {
        var room = Room(celsius: 20)
        room.step(by: .seconds(20 * 365 * 24 * 3600))
        #expect(5...35 ~= room.celsius)
        #expect(.zero..<Duration.seconds(24 * 3600) ~= room.timeOfDay)
        let before = room
        room.step(by: .seconds(-5))
        #expect(room == before)
    }

    @Test("noise is small, has no bias, and is the same for the same seed")
    func noise() {
        let room = Room(celsius: 20)
        var first = SeededGenerator(seed: 7)
        var second = SeededGenerator(seed: 7)
        let values = (0..<2000).map { _ in room.sensed(using: &first) }
        #expect(values == (0..<2000).map { _ in room.sensed(using: &second) })
        #expect(values.allSatisfy { abs($0 - 20) < 0.2 })
        #expect(abs(values.reduce(0, +) / 2000 - 20) < 0.005)
        #expect(Set(values).count > 1900)
    }
}
