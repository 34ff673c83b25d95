// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Whose state it is: what is stored for a hub is keyed by hub and device id, so that moving between hubs never mixes
/// one twin's versions with another's.
package struct HubKey: Sendable, Hashable {
    /// The hub's host name, lower case; a port, where one was given, is part of it.
    package var hub: String
    /// The device id, as the hub knows it; its case matters.
    package var deviceID: String

    /// Makes a key; the host name is folded to lower case because DNS names have no case.
    package init(hub: String, deviceID: String) {
        self.hub = hub.lowercased()
        self.deviceID = deviceID
    }
}
