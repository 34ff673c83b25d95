// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles

extension SensorConfiguration.Place {
    /// How long a sample at such a place may take before its bus counts as hung.
    var patience: Duration {
        if case .oneWire = self { SensorSetup.oneWirePatience } else { SensorSetup.usualPatience }
    }

    /// Whether a driver of the kernel converts, and whoever asks it waits.
    var blocks: Bool {
        if case .i2c = self { false } else { true }
    }
}
