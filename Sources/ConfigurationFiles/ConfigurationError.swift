// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A key's place in the configuration: its names joined by dots, for example `hub.dps.id-scope`.
package typealias KeyPathText = String

/// Where a value comes from, highest precedence first.
package enum ConfigurationOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A command-line flag, as written: `--telemetry-interval`.
    case flag(String)
    /// An environment variable.
    case environment(String)
    /// A file and the line in it, counted from 1; line 0 means the file as a whole.
    case file(String, line: Int)
    /// Nobody set it.
    case `default`

    /// The text that people read.
    package var description: String {
        switch self {
        case .flag(let name): name
        case .environment(let name): "environment variable \(name)"
        case .file(let path, let line): line > 0 ? "\(path):\(line)" : path
        case .default: "default"
        }
    }
}

/// One thing wrong with the configuration: where, which key, what was found, what is expected and what to do.
///
/// No text of it holds the value of a secret key.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    package enum Kind: String, Sendable, Hashable {
        /// A file could not be read.
        case unreadable
        /// A file is not valid TOML.
        case syntax
        /// No such key, section or `SENSOR_AGENT_*` variable.
        case unknownKey
        /// Another type of value is needed.
        case wrongType
        /// The right type, but not an allowed value.
        case outOfRange
        /// A needed key is not there.
        case missing
        /// Two keys contradict or repeat one another.
        case conflict
        /// A name that refers to nothing: sensor, driver, bus, board.
        case unknownName
        /// A file with a secret that others than its owner could read or change.
        case exposed
    }

    /// What kind of mistake it is.
    package var kind: Kind
    /// The file and line, variable or flag.
    package var origin: ConfigurationOrigin
    /// The key; empty where the whole file is meant.
    package var path: KeyPathText
    /// What was found, and what is expected: one or two full sentences.
    package var problem: String
    /// What to do next, a full sentence; empty where the problem already says it.
    package var advice: String

    /// Makes an error from its parts.
    package init(
        _ kind: Kind, at origin: ConfigurationOrigin, path: KeyPathText = "", problem: String,
        advice: String = ""
    ) {
        self.kind = kind
        self.origin = origin
        self.path = path
        self.problem = problem
        self.advice = advice
    }

    /// The text that people read: `FILE:LINE: key: problem advice`.
    package var description: String {
        let key = path.isEmpty ? "" : "\(path): "
        let hint = advice.isEmpty ? "" : " \(advice)"
        return "\(origin): \(key)\(problem)\(hint)"
    }
}

/// All that is wrong with a configuration, ordered by place: flags, variables, then files by line.
package struct ConfigurationErrors: Error, Sendable, Hashable, CustomStringConvertible {
    /// At least one error.
    package let errors: [ConfigurationError]

    /// Orders the errors and drops repeated ones.
    package init(_ errors: [ConfigurationError]) {
        var seen: Set<ConfigurationError> = []
        self.errors = errors.filter { seen.insert($0).inserted }.enumerated()
            .sorted { left, right in
                let (one, other) = (left.element.origin.sortKey, right.element.origin.sortKey)
                return one == other ? left.offset < right.offset : one < other
            }
            .map(\.element)
    }

    /// One line for each error.
    package var description: String {
        errors.map(\.description).joined(separator: "\n")
    }
}

extension ConfigurationOrigin {
    fileprivate var sortKey: (Int, String, Int) {
        switch self {
        case .flag(let name): (0, name, 0)
        case .environment(let name): (1, name, 0)
        case .file(let path, let line): (2, path, line)
        case .default: (3, "", 0)
        }
    }
}

/// One key with its value as people may see it, and where it comes from.
package struct EffectiveSetting: Sendable, Hashable, CustomStringConvertible {
    /// The key.
    package var path: KeyPathText
    /// The value as text; `<redacted>` for a secret.
    package var value: String
    /// Where it comes from.
    package var origin: ConfigurationOrigin

    /// Makes a setting from its parts.
    package init(path: KeyPathText, value: String, origin: ConfigurationOrigin) {
        self.path = path
        self.value = value
        self.origin = origin
    }

    /// The text that people read: `key = value (origin)`.
    package var description: String { "\(path) = \(value) (\(origin))" }
}
