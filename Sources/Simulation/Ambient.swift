// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the air around a chip is like.
package struct Ambient: Sendable, Hashable {
    /// Temperature in °C.
    package var celsius: Double
    /// Relative humidity in percent.
    package var relativeHumidity: Double
    /// Pressure in Pa.
    package var pascals: Double

    /// Describes the air around a chip; the standard atmosphere's pressure where nothing else is said.
    package init(celsius: Double, relativeHumidity: Double = 45, pascals: Double = 101_325) {
        self.celsius = celsius
        self.relativeHumidity = relativeHumidity
        self.pascals = pascals
    }
}

/// A chip model that measures the air around it.
package protocol AmbientChipModel: I2CChipModel {
    /// The name of the driver that reads the chip.
    static var driverName: String { get }
    /// Powers the chip up in `ambient` at `instant`.
    init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant)
    /// Changes what the chip measures from `now` on; conversions that ended before keep what they measured.
    mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant)
    /// What lasts until the power goes and a driver therefore has to leave as it was.
    var settings: [UInt16] { get }
}

extension VirtualI2CBus {
    /// Changes what the chip at `address` measures; returns false where there is none that measures its surroundings.
    @discardableResult
    package func setAmbient(_ ambient: Ambient, at address: UInt8) -> Bool {
        withAnyModel(at: address) { model, now in
            guard var measuring = model as? any AmbientChipModel else { return false }
            measuring.setAmbient(ambient, at: now)
            model = measuring
            return true
        } ?? false
    }
}
