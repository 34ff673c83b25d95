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
    /// The file can be written again and holds what memory held.
    ///
    /// With `replaced`, it could not be read before: what it held of the same things is gone.
    case recovered(path: String, replaced: Bool)
    /// The young tier of telemetry cannot be written: new samples live in memory.
    case youngInMemory(StoreError)
    /// The young tier's file can be written again; what lay there before now has the second name.
    case youngRecovered(path: String, setAside: String?)
    /// Telemetry does not get to the disk; it waits in the young tier, as many bytes as are given.
    case diskUnavailable(StoreError, youngBytes: Int)
    /// Telemetry gets to the disk again.
    case diskAvailable
    /// More telemetry waits than may: old rows are thinned, then dropped.
    case outboxFull(limitBytes: Int, thinned: Int, dropped: Int)
    /// Telemetry older than may wait was dropped.
    case outboxAged(count: Int)

    /// Whether it is more than information.
    package var isWarning: Bool {
        switch self {
        case .migrated, .recovered, .youngRecovered, .diskAvailable: false
        default: true
        }
    }

    /// The same about the young tier, where the words differ.
    var ofYoungTier: StoreNotice {
        if case .inMemory(let error, _) = self { .youngInMemory(error) } else { self }
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
        case .recovered(let path, replaced: false):
            "State file \(path) can be written again; nothing of the state is lost."
        case .recovered(let path, replaced: true):
            "State file \(path) can be written again; what was set meanwhile has replaced what it held."
        case .youngInMemory(let error):
            "Samples not yet on disk are kept in memory only and lost at exit: \(error)"
        case .youngRecovered(let path, let name):
            "\(path) can be written again; samples outlive the program from now on."
                + (name.map { " What lay there before is kept as \($0)." } ?? "")
        case .diskUnavailable(let error, let bytes):
            "Telemetry does not get to the disk; up to \(bytes / 1_000_000) MB wait in the runtime directory, "
                + "lost in a power cut: \(error)"
        case .diskAvailable:
            "Telemetry gets to the disk again."
        case .outboxFull(let bytes, let thinned, let dropped):
            "More telemetry waits than \(bytes / 1_000_000) MB hold: the newest stay, \(thinned) old messages were "
                + "thinned out and \(dropped) dropped. Check the connection to the hub."
        case .outboxAged(let count):
            "\(count) messages had waited too long and were dropped. Check the connection to the hub."
        }
    }
}
