// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The keys of everything `serve` sets up, kept in the state directory so that lines printed once stay good.
struct HubKeys: Codable, Equatable {
    /// Key of the service policy `iothubowner`.
    var service: String
    /// Key of the device `sensor-01`, which has a connection string.
    var device: String
    /// Key of the individual enrollment `sensor-02`.
    var enrollment: String
    /// Key of the enrollment group `sensors`.
    var group: String

    /// Makes new ones of 32 random bytes each.
    static func random() -> HubKeys {
        HubKeys(service: randomKey(), device: randomKey(), enrollment: randomKey(), group: randomKey())
    }

    /// Reads the keys in the directory, or makes and stores them at the first start.
    static func inDirectory(_ directory: URL) throws -> HubKeys {
        let file = directory.appendingPathComponent("keys.json")
        if FileManager.default.fileExists(atPath: file.path) {
            return try JSONDecoder().decode(HubKeys.self, from: try Data(contentsOf: file))
        }
        let keys = random()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try StateDirectory.write(try encoder.encode(keys), to: file.path)
        return keys
    }

    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            .base64EncodedString()
    }
}
