// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A chip as the wire sees it, byte by byte.
///
/// The same model stands behind the in-memory bus and behind the emulated USB adapter.
///
/// The bus calls in the order of the wire: `start`, then `write` or `read` per byte, then `start` again for a repeated
/// START or `stop`. Time is an argument so that conversion times can be exact.
public protocol I2CChipModel: Sendable {
    /// START and the address byte; returns whether the chip acknowledges. I²C specification UM10204, 3.1.10.
    mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool
    /// One byte from the controller; returns whether the chip acknowledges it.
    mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool
    /// One byte to the controller.
    mutating func read(at now: ContinuousClock.Instant) -> UInt8
    /// STOP.
    mutating func stop(at now: ContinuousClock.Instant)
}
