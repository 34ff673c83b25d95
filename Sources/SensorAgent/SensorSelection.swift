// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Quantities

/// The sensors that a person names on the command line; all of them where none is named.
struct SensorSelection {
    private let names: [String]

    /// Takes the names as given.
    init(_ names: [String]) { self.names = names }

    /// Whether the sensor is wanted.
    func contains(_ name: SensorName) -> Bool { names.isEmpty || names.contains(name.text) }

    /// What to say of names that no sensor has, one sentence each; `nil` where all are known.
    func problem(known: [SensorName]) -> String? {
        let known = known.map(\.text).sorted()
        let unknown = names.filter { !known.contains($0) }
        guard !unknown.isEmpty else { return nil }
        return unknown.map { name in
            if let near = Spelling.nearest(to: name, among: known) {
                return "There is no sensor \"\(name)\". Did you mean \"\(near)\"?"
            }
            return "There is no sensor \"\(name)\". There are: \(known.joined(separator: ", "))."
        }.joined(separator: "\n")
    }
}
