// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What the air around a chip is like.
package struct Ambient: Sendable, Hashable {
    /// Temperature in °C.
    package var celsius: Double

    /// Describes the air around a chip.
    package init(celsius: Double) {
        self.celsius = celsius
    }
}

/// A chip model that measures the air around it.
package protocol AmbientChipModel: I2CChipModel {
    /// Powers the chip up in `ambient` at `instant`.
    init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant)
    /// Changes what the chip measures from `now` on; conversions that ended before keep what they measured.
    mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant)
    /// What lasts until the power goes and a driver therefore has to leave as it was.
    var settings: [UInt16] { get }
}

/// The models that stand in for real chips, by the names of the drivers that read them.
package enum ChipModelCatalog {
    /// Every model that there is.
    package static let all: [String: any AmbientChipModel.Type] = ["tmp102": TMP102Model.self]
}

extension TMP102Model: AmbientChipModel {
    /// Powers the chip up in `ambient` at `instant`.
    package init(ambient: Ambient, poweredAt instant: ContinuousClock.Instant) {
        self.init(celsius: ambient.celsius, poweredAt: instant)
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        setTemperature(ambient.celsius, at: now)
    }
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
