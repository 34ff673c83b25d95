// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import StrictJSON

/// The content of `dtmi:azure:DeviceManagement:DeviceInformation;1`, in its types and units.
package struct DeviceInformation: Sendable, Hashable {
    /// Who made the machine.
    package var manufacturer: String
    /// The machine's name or number.
    package var model: String
    /// The version of this program.
    package var swVersion: String
    /// The operating system's name and version.
    package var osName: String
    /// For example `aarch64`.
    package var processorArchitecture: String
    /// Who designed or made the processor.
    package var processorManufacturer: String
    /// Size of the storage that holds the system, kilobytes of 1024 bytes; `nil` where it is not known.
    package var totalStorage: Double?
    /// Size of the memory, kilobytes of 1024 bytes; `nil` where it is not known.
    package var totalMemory: Double?

    /// Makes a description from its parts.
    package init(
        manufacturer: String, model: String, swVersion: String, osName: String, processorArchitecture: String,
        processorManufacturer: String, totalStorage: Double?, totalMemory: Double?
    ) {
        self.manufacturer = manufacturer
        self.model = model
        self.swVersion = swVersion
        self.osName = osName
        self.processorArchitecture = processorArchitecture
        self.processorManufacturer = processorManufacturer
        self.totalStorage = totalStorage
        self.totalMemory = totalMemory
    }

    /// The component's properties as they are reported.
    var properties: [String: JSONValue] {
        var properties: [String: JSONValue] = [
            "manufacturer": .string(manufacturer), "model": .string(model), "swVersion": .string(swVersion),
            "osName": .string(osName), "processorArchitecture": .string(processorArchitecture),
            "processorManufacturer": .string(processorManufacturer),
        ]
        properties["totalStorage"] = totalStorage.map { .double($0) }
        properties["totalMemory"] = totalMemory.map { .double($0) }
        return properties
    }
}
