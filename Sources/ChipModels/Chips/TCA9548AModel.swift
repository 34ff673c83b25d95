// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation

/// A TCA9548A multiplexer without anything behind it: one register, the mask of the channels that are connected.
///
/// No sensor: it is there to show that its mask is left alone. TI TCA9548A, control register.
package struct TCA9548AModel: I2CChipModel {
    /// The channels that are connected.
    package private(set) var mask: UInt8
    /// Every mask since the start, in order.
    package private(set) var masks: [UInt8] = []
    /// Whether a read before the STOP already shows the byte of the same transaction.
    private let showsAtOnce: Bool
    private var pending: UInt8?

    /// Makes a multiplexer with that mask.
    package init(mask: UInt8, showsAtOnce: Bool = true) {
        self.mask = mask
        self.showsAtOnce = showsAtOnce
    }

    /// START and the address byte; always acknowledged.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool { true }

    /// One byte from the controller: the mask, of which the last one counts.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        pending = byte
        if showsAtOnce { latch() }
        return true
    }

    /// One byte to the controller: the mask, as often as it asks.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 { mask }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) { latch() }

    private mutating func latch() {
        guard let byte = pending else { return }
        pending = nil
        mask = byte
        masks.append(byte)
    }
}
