// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Something about the store that a person should hear: once, as a log line.
package enum StoreNotice: Sendable, Hashable, CustomStringConvertible {
    /// The file was unreadable; it now has the second name, and a new one began.
    case damaged(path: String, renamedTo: String, detail: String)
    /// The file was written by a newer version of the agent; it now has the second name, and a new one began.
    case newer(path: String, renamedTo: String, version: Int, known: Int)
    /// The file is some other program's database; it now has the second name, and a new one began.
    case foreign(path: String, renamedTo: String)
    /// Others could read the file or its directory; not any more.
    case permissionsTightened(path: String, from: UInt32)
    /// Others can read the file, and that could not be changed.
    case permissionsLoose(path: String, mode: UInt32)
    /// The file was brought from an older schema to this one.
    case migrated(from: Int, to: Int)
    /// Nothing can be written: state lives in memory and is gone with the process.
    ///
    /// With `carriedOver`, what the file held was read and is used.
    case inMemory(StoreError, carriedOver: Bool)

    /// Whether it is more than information.
    package var isWarning: Bool {
        if case .migrated = self { false } else { true }
    }

    /// The text that people read.
    package var description: String {
        switch self {
        case .damaged(let path, let name, let detail):
            "State file \(path) is damaged (\(detail)); kept as \(name), a new one begins."
        case .newer(let path, let name, let version, let known):
            "State file \(path) has schema \(version), this agent knows up to \(known); kept as \(name), a new one begins. "
                + "To use it again, install the newer agent and rename the file back."
        case .foreign(let path, let name):
            "\(path) is not a state file of this agent; kept as \(name), a new one begins."
        case .permissionsTightened(let path, let mode):
            "\(path) had mode \(String(mode, radix: 8)); others can no longer read it."
        case .permissionsLoose(let path, let mode):
            "\(path) has mode \(String(mode, radix: 8)) and that could not be changed; run: chmod go= \(path)"
        case .migrated(let old, let new):
            "State file brought from schema \(old) to \(new)."
        case .inMemory(let error, let carriedOver):
            "State is kept in memory only and lost at exit"
                + (carriedOver ? " (what the file held is used)" : "") + ": \(error)"
        }
    }
}
