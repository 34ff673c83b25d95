// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Simulation
import Synchronization
import Testing

/// A model room between the emulated adapters: the relay's line heats it, a TMP102 measures it.
///
/// It is 12 °C outside and 33 °C where the heater stays on, so a target of 34 °C is never reached.
final class HeatedRoom: Sendable {
    /// A change of the relay's line, as the adapter saw it.
    struct Switch: Sendable {
        /// Whether the heater is on from then on.
        var isOn: Bool
        /// How warm the room was.
        var celsius: Double
        /// When, by the emulator's clock.
        var at: ContinuousClock.Instant
    }

    /// Where the relay hangs.
    static let line = ViperboardAdapter.Line(.a, 5)
    /// An input that the relay's line is looped to.
    static let input = ViperboardAdapter.Line(.a, 7)
    private static let address: UInt8 = 0x48
    private static let step = Duration.milliseconds(50)

    /// Whether the heater is on while the line is low.
    let isActiveLow: Bool
    /// The adapter of the TMP102.
    let thermometer = I2CTinyUSBAdapter()
    /// The adapter of the relay.
    let relay = ViperboardAdapter()

    private struct State {
        var room: Room
        var reached: ContinuousClock.Instant
        /// How many switchings ``next(_:within:sourceLocation:)`` has given.
        var given = 0
    }

    private let state: Mutex<State>
    private let switches = Journal<Switch>()

    /// Makes a room with its sensor in place and its heater off.
    init(celsius: Double, isActiveLow: Bool = false) {
        self.isActiveLow = isActiveLow
        var properties = Room.Properties()
        properties.timeConstant = .seconds(40)
        (properties.outdoorMean, properties.outdoorSwing, properties.heaterRise) = (12, 0, 21)
        state = Mutex(
            State(room: Room(properties, celsius: celsius, heaterPower: 0), reached: .now))
        placeSensor()
    }

    /// How warm it is.
    var celsius: Double { state.withLock(\.room.celsius) }

    /// Whether the relay's line is driven so that the heater is on; `nil` before anybody drove it.
    var isHeated: Bool? { relay.output(Self.line).map { $0 != isActiveLow } }

    /// Lets time pass in the room, until cancelled.
    func live() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                for await transition in relay.transitions where transition.line == Self.line {
                    record(transition)
                }
            }
            // This is the room's own time; nobody waits for it.
            while (try? await Task.sleep(for: Self.step)) != nil { pass(until: .now) }
            group.cancelAll()
        }
    }

    /// Puts a TMP102 that was just powered up on the bus.
    func placeSensor() {
        let celsius = celsius
        thermometer.bus.attach(TMP102Model(celsius: celsius, poweredAt: .now), at: Self.address)
    }

    /// Takes the TMP102 off the bus.
    func pullSensor() { thermometer.bus.detach(at: Self.address) }

    /// Has every message to the TMP102 hang.
    func hangBus() { thermometer.bus.inject(.hang, at: Self.address) }

    /// Ends ``hangBus()``.
    func freeBus() { thermometer.bus.clearFaults() }

    /// The relay's next change, of which none is left out; fails the test where it is another one or none comes.
    func next(
        _ isOn: Bool, within limit: Duration = .seconds(150),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Switch {
        let index = state.withLock { state in
            state.given += 1
            return state.given - 1
        }
        let found = try await withThrowingTaskGroup(of: Switch?.self) { [switches] group in
            group.addTask { try await switches.first(from: index) { $0 }.found }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        let change = try #require(
            found, "the relay stayed for \(limit), at \(celsius) °C", sourceLocation: sourceLocation)
        try #require(change.isOn == isOn, "\(change)", sourceLocation: sourceLocation)
        return change
    }

    /// Waits until the relay is so, over whatever it does before.
    func becomes(_ isOn: Bool) async throws {
        // The adapter knows a change at once, the journal a moment later.
        state.withLock { $0.given = relay.history.count { $0.line == Self.line } }
        if isHeated != isOn { _ = try await next(isOn) }
    }

    private func record(_ transition: ViperboardAdapter.Transition) {
        relay.setInput(Self.input, isHigh: transition.isHigh)
        pass(until: transition.at)
        let isOn = transition.isHigh != isActiveLow
        let celsius = state.withLock { state in
            state.room.heaterPower = isOn ? 1 : 0
            return state.room.celsius
        }
        switches.append(Switch(isOn: isOn, celsius: celsius, at: transition.at))
    }

    private func pass(until now: ContinuousClock.Instant) {
        let celsius = state.withLock { state in
            let passed = state.reached.duration(to: now)
            if passed > .zero {
                state.room.step(by: passed)
                state.reached = now
            }
            return state.room.celsius
        }
        thermometer.bus.withModel(TMP102Model.self, at: Self.address) { model, now in
            model.setTemperature(celsius, at: now)
        }
    }
}
