// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

/// Test data files of this target.
enum Vectors {
    static func load(_ name: String) throws -> JSON {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
        return try JSON(parsing: try Data(contentsOf: url))
    }
}
