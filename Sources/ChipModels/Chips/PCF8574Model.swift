// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// A PCF8574 or PCF8574A port expander: every byte written sets its outputs, a read shows its pins.
///
/// No sensor: it is there to show that nobody writes to it. NXP PCF8574/74A Rev 5.
package struct PCF8574Model: I2CChipModel {
    /// What its pins show; inputs that nothing pulls down read 1.
    package var pins: UInt8
    /// Every byte that was written, each of which has set the outputs.
    package private(set) var written: [UInt8] = []

    /// Makes an expander with these levels on its pins.
    package init(pins: UInt8 = 0xFF) { self.pins = pins }

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool { true }

    /// One byte from the controller: the outputs.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        written.append(byte)
        pins = byte
        return true
    }

    /// One byte to the controller: the pins, as often as it asks.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 { pins }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}
}
