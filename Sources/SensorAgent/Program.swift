// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay

/// What the program says about itself.
enum Program {
    /// The version, as reported in `swVersion`.
    static let version = "0.1.0"
    /// The model that the program implements.
    static let modelID = TemperatureController.modelID
    /// Sent to hub and provisioning service as the kind of client.
    static let productInfo = "sensor-agent/\(version)"
}
