// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why a command could not do what was asked; the sentence ends with what to do next.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
