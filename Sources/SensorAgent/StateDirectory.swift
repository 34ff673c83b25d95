// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import LinuxHost
import Quantities
import ThreadExecutor

/// The state directory, on the thread that waits for its disk: it may hang from the first call on.
actor StateDirectory {
    /// What it holds beside the state file.
    struct Content: Sendable {
        /// The last time that somebody vouched for in an earlier run.
        let lastKnown: WallTime?
        /// The count of the day's messages of an earlier run.
        let messages: String?
    }

    private nonisolated let executor: ThreadExecutor
    private let path: String
    private var lock: InstanceLock?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Names a directory, given with an absolute path; all of it happens on `executor`.
    init(_ path: String, on executor: ThreadExecutor) {
        self.path = path
        self.executor = executor
    }

    /// Takes the directory's lock, which makes it where it is missing, for as long as this object lives, and reads.
    ///
    /// Where the lock is refused, `refused` has to end the program, and the thread goes no further: nothing behind this
    /// call may touch what belongs to another agent.
    func open(refused: @Sendable (InstanceLock.Failure) -> Void) -> Content {
        do throws(InstanceLock.Failure) {
            lock = try InstanceLock(directory: path)
        } catch {
            refused(error)
            while true { pause() }
        }
        return Content(
            lastKnown: ClockFile(directory: path).read(),
            messages: NoteFile(directory: path, name: Self.messageFile).read())
    }

    /// The name of the file with the count of the day's messages.
    static let messageFile = "messages"
}
