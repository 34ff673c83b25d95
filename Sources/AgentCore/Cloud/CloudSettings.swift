// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import PlugAndPlay

/// What the cloud side has to know of this installation.
package struct CloudSettings: Sendable {
    /// The time between two messages of the same telemetry.
    package var telemetryInterval: Duration
    /// The root property.
    package var serialNumber: String
    /// The component `deviceInformation`.
    package var deviceInformation: DeviceInformation
    /// The kernel's id of this boot, which `maxTempSinceLastReboot` belongs to; `nil` where it cannot be read.
    package var bootID: String?
    /// Whether every message is marked as simulated.
    package var isSimulated: Bool
    /// Whether ``StatusDocument`` is reported, which no model describes.
    package var reportsStatus: Bool

    /// Makes settings from their parts.
    package init(
        telemetryInterval: Duration, serialNumber: String, deviceInformation: DeviceInformation,
        bootID: String?, isSimulated: Bool, reportsStatus: Bool = true
    ) {
        self.telemetryInterval = telemetryInterval
        self.serialNumber = serialNumber
        self.deviceInformation = deviceInformation
        self.bootID = bootID
        self.isSimulated = isSimulated
        self.reportsStatus = reportsStatus
    }
}
