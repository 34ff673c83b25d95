// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine

extension EmulatedMachine {
    /// Plugs an I²C adapter for the time of `body`.
    func with(
        _ adapter: I2CTinyUSBAdapter, as busID: String, _ body: (GuestI2CBus) async throws -> Void
    ) async throws {
        let bus = try await plug(adapter, as: busID)
        try await unplug(busID) { try await body(bus) }
    }

    /// Plugs a GPIO adapter for the time of `body`.
    func with(
        _ adapter: ViperboardAdapter, as busID: String, _ body: (GuestGPIOChips) async throws -> Void
    ) async throws {
        let chips = try await plug(adapter, as: busID)
        try await unplug(busID) { try await body(chips) }
    }

    /// Pulls an adapter after `body`, however that ends.
    private func unplug(_ busID: String, after body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            try? await unplug(busID)
            throw error
        }
        try await unplug(busID)
    }
}
