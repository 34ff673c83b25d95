// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StateStore
import ThermostatControl

extension ThermostatMemory {
    /// What a thermostat takes up of it on the boot `bootID`.
    func restored(bootID: String?, now: ContinuousClock.Instant, sinceBoot: Duration) -> RestoredThermostat {
        var restored = RestoredThermostat()
        restored.target = target
        restored.mode = mode.flatMap(ThermostatMode.init(rawValue:))
        restored.latch = latch
        // The boot's own clock proves how long the relay has been off, on this boot only.
        if let bootID, bootID == self.bootID, let offAt, offAt <= sinceBoot {
            restored.offSince = now.advanced(by: offAt - sinceBoot)
        }
        restored.lockOut = lockedUntil.map { end in
            guard let bootID, bootID == self.bootID else { return .unproven }
            return .until(now.advanced(by: end - sinceBoot))
        }
        return restored
    }
}
