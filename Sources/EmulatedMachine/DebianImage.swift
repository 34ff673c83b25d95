// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The disk image that `scripts/fetch-debian-guest` made: a small Debian with systemd.
package enum DebianImage {
    /// Finds it in `SENSOR_AGENT_DEBIAN_GUEST`, else in `.cache/debian-guest` of this folder or one above it.
    package static func find() throws(EmulatedMachineError) -> String {
        if let path = ProcessInfo.processInfo.environment["SENSOR_AGENT_DEBIAN_GUEST"] { return path }
        var folder = URL(filePath: FileManager.default.currentDirectoryPath)
        while true {
            let cache = folder.appending(path: ".cache/debian-guest").path(percentEncoded: false)
            if FileManager.default.fileExists(atPath: "\(cache)/complete") { return "\(cache)/image" }
            guard folder.pathComponents.count > 1 else { break }
            folder.deleteLastPathComponent()
        }
        throw .missing("the disk image with Debian is not there: run scripts/fetch-debian-guest")
    }
}

extension MachineConfiguration {
    /// A machine that runs the Debian with systemd of this image; it takes commands when its usual services start.
    package static func debian(_ image: String) -> MachineConfiguration {
        var configuration = MachineConfiguration()
        configuration.disk = image
        configuration.bootLimit = .seconds(240)
        return configuration
    }
}
