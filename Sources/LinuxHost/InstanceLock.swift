// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// The right to use a state directory, held by one process at a time and given back when this object goes.
///
/// The kernel gives it back even after `kill -9`. C function: `flock`.
package final class InstanceLock: Sendable {
    /// Why the lock was not had.
    package enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// Another process holds it; its id where it could be read.
        case held(path: String, pid: Int32?)
        /// The file could not be made or locked.
        case system(HostError)

        /// The text that people read.
        package var description: String {
            switch self {
            case .held(let path, let pid?):
                "Another sensor-agent (process \(pid)) uses \(path). Stop it, or set STATE_DIRECTORY to another directory."
            case .held(let path, nil):
                "Another sensor-agent uses \(path). Stop it, or set STATE_DIRECTORY to another directory."
            case .system(let error): "\(error)"
            }
        }
    }

    private let descriptors: [CInt]

    /// Takes the lock file `sensor-agent.lock` in `directory`, which is made where it is missing (mode 0700).
    ///
    /// The directory is locked besides, and is all that is locked where a full or read-only disk takes no file: a
    /// thermostat must not stay off because of its disk.
    package init(directory: String) throws(Failure) {
        if let error = Self.makeDirectories(directory) { throw .system(error) }
        let file = directory + (directory.hasSuffix("/") ? "" : "/") + "sensor-agent.lock"
        guard let folder = try Self.lock(folder: directory, of: file) else {
            descriptors = [try Self.lock(file: file)]
            return
        }
        do throws(Failure) {
            descriptors = [try Self.lock(file: file), folder]
        } catch {
            guard case .system(let reason) = error, [EROFS, ENOSPC, EDQUOT].contains(reason.errno) else {
                close(folder)
                throw error
            }
            descriptors = [folder]
        }
    }

    /// Takes the lock file at `path`, whose directory must exist.
    init(file path: String) throws(Failure) { descriptors = [try Self.lock(file: path)] }

    // The file stays: to remove it would let two processes lock two files of the same name.
    deinit { for descriptor in descriptors { close(descriptor) } }

    private static func lock(file path: String) throws(Failure) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .system(failure("open", path)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { close(descriptor) }
            guard reason == EWOULDBLOCK else { throw .system(failure("flock", path, reason)) }
            throw .held(path: path, pid: holder(descriptor))
        }
        let text = "\(getpid())\n"
        // The number is for people; the lock holds without it, for example on a full disk.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.utf8.count, 0) }
        return descriptor
    }

    /// Locks a directory; `nil` where its file system, or its mode, does not allow that.
    private static func lock(folder: String, of file: String) throws(Failure) -> CInt? {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return descriptor }
        let reason = errno
        close(descriptor)
        guard reason == EWOULDBLOCK else { return nil }
        let held = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        defer { if held >= 0 { close(held) } }
        throw .held(path: file, pid: held >= 0 ? holder(held) : nil)
    }

    private static func holder(_ descriptor: CInt) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Makes what is missing of a directory and those above it, each with mode 0700.
    private static func makeDirectories(_ path: String) -> HostError? {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            let reason = errno
            guard access(made, F_OK) != 0 else { continue }
            return failure("mkdir", made, reason)
        }
        return nil
    }

    private static func failure(_ operation: String, _ path: String, _ number: Int32 = errno) -> HostError {
        HostError(
            operation, location: path, errno: number,
            advice: "Give the agent's user that directory, or set STATE_DIRECTORY to another.")
    }
}
