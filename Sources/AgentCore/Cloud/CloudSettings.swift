// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay

/// What the cloud side has to know of this installation.
package struct CloudSettings: Sendable {
    /// What `reboot` does.
    package enum RebootMode: String, Sendable, Hashable {
        /// Answers 403.
        case off
        /// Answers 202 and only says what it would do.
        case dryRun = "dry-run"
    }

    /// The time between two messages of the same telemetry.
    package var telemetryInterval: Duration
    /// What `reboot` does.
    package var reboot: RebootMode
    /// The root property.
    package var serialNumber: String
    /// The component `deviceInformation`.
    package var deviceInformation: DeviceInformation
    /// The kernel's id of this boot, which `maxTempSinceLastReboot` belongs to; `nil` where it cannot be read.
    package var bootID: String?
    /// Whether every message is marked as simulated.
    package var isSimulated: Bool

    /// Makes settings from their parts.
    package init(
        telemetryInterval: Duration, reboot: RebootMode, serialNumber: String,
        deviceInformation: DeviceInformation, bootID: String?, isSimulated: Bool
    ) {
        self.telemetryInterval = telemetryInterval
        self.reboot = reboot
        self.serialNumber = serialNumber
        self.deviceInformation = deviceInformation
        self.bootID = bootID
        self.isSimulated = isSimulated
    }
}
