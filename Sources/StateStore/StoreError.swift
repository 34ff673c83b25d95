// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A failed operation of the store: what, where, and SQLite's or the kernel's number.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the number means for the next step.
    package enum Kind: String, Sendable, Hashable {
        /// The file system is full, or a quota is reached.
        case full
        /// The file, its directory or the file system cannot be written.
        case readOnly
        /// Access denied.
        case permission
        /// Another process holds the database.
        case busy
        /// The bytes on the disk are not what was written.
        case damaged
        /// The disk failed, or the file went away.
        case inputOutput
        /// A value that must not be stored, foremost a number that is not finite.
        case invalidValue
        /// The store was closed.
        case closed
        /// A statement that the database does not understand: a defect of this program.
        case misuse
    }

    /// What it means for the next step.
    package var kind: Kind
    /// What was being done, for example `set target of thermostat1`.
    package var operation: String
    /// The database's path, or `memory`.
    package var location: String
    /// SQLite's extended result code, or the kernel's error number where SQLite was not involved.
    package var code: Int32
    /// SQLite's own words, or the kernel's.
    package var detail: String

    /// Makes an error from its parts.
    package init(_ kind: Kind, operation: String, location: String, code: Int32 = 0, detail: String = "") {
        self.kind = kind
        self.operation = operation
        self.location = location
        self.code = code
        self.detail = detail
    }

    /// The text that people read; ends with what to do next.
    package var description: String {
        let number = code == 0 ? "" : " (code \(code))"
        let words = detail.isEmpty ? "" : ": \(detail)"
        return "\(operation) in \(location)\(words)\(number). \(advice)"
    }

    private var advice: String {
        switch kind {
        case .full: "Free space on that file system (df -h)."
        case .readOnly: "Mount it writable, or set STATE_DIRECTORY to a directory that is."
        case .permission: "Give the agent's user the directory and the file (chown), or set STATE_DIRECTORY."
        case .busy: "Close the other program that has the file open."
        case .damaged: "Check the storage medium; the agent begins a new file."
        case .inputOutput: "Check the storage medium and the kernel log (dmesg)."
        case .invalidValue: "This is a defect of the caller; report it."
        case .closed: "The agent is stopping; nothing to do."
        case .misuse: "This is a defect of this program; report it."
        }
    }
}
