// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Testing

/// Plugs one adapter for all tests of a suite: plugging takes longer than most of what is done with it.
struct PluggedAdapterTrait: SuiteTrait, TestScoping {
    /// An adapter, and the bus that the guest made of it.
    struct Plugged: Sendable {
        var adapter: I2CTinyUSBAdapter
        var bus: GuestI2CBus
    }

    /// What is plugged for the running test.
    @TaskLocal static var plugged: Plugged?

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let machine = try DeviceTests.machine()
        let adapter = I2CTinyUSBAdapter()
        try await machine.with(adapter, as: "suite") { bus in
            try await Self.$plugged.withValue(Plugged(adapter: adapter, bus: bus)) { try await function() }
        }
    }
}

extension Trait where Self == PluggedAdapterTrait {
    /// Plugs one adapter into the emulated machine for all tests of the suite.
    static var pluggedAdapter: Self { Self() }
}
