// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A device on a 1-Wire line as the line sees it, time slot by time slot.
package protocol OneWireDeviceModel: Sendable {
    /// The device's own number.
    var rom: OneWireROM { get }

    /// The reset pulse; returns whether the device answers with its presence pulse.
    mutating func reset(at now: ContinuousClock.Instant) -> Bool

    /// One time slot; returns false where the device pulls the line low in it.
    ///
    /// `isReleased` is what the controller does after it began the slot: it lets go of the line, which is a written 1 and
    /// a read in one, or it holds the line low, which is a written 0.
    mutating func slot(isReleased: Bool, at now: ContinuousClock.Instant) -> Bool

    /// The controller connects the line to the supply so that it can feed a device, or ends that.
    mutating func setStrongPullup(_ isOn: Bool, at now: ContinuousClock.Instant)
}
