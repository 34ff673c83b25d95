// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The right to use a state directory, held by one process at a time.
package struct InstanceLock: ~Copyable, Sendable {
    /// Why the lock was not had.
    package enum Failure: Error, Sendable, Hashable {
        /// Another process holds it; its id where it could be read.
        case held(path: String, pid: Int32?)
        /// The file could not be made or locked.
        case system(HostError)
    }

    /// Takes the lock file `sensor-agent.lock` in `directory`, which is made where it is missing (mode 0700).
    package init(directory: String) throws(Failure) {}
}
