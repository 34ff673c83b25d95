// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Quantities

/// The state file as the file system sees it: made, protected, set aside.
struct StoreFile: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    /// SQLite's companions of a database file.
    private static let companions = ["-wal", "-journal", "-shm"]

    /// Whether it is there and a file, not a directory, a pipe or a device.
    var isRegular: Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether a write-ahead log lies beside it, with commits that the file itself does not have yet.
    var hasLog: Bool {
        var status = stat()
        return stat(path + "-wal", &status) == 0 && status.st_size > 0
    }

    /// Makes the directory (mode 0700) and the file (mode 0600) where they are missing.
    ///
    /// An existing file is never opened here: closing it would drop the locks that SQLite holds on it in this process.
    func create() throws(StoreError) {
        guard !path.isEmpty else {
            throw StoreError(.inputOutput, operation: "open the state file", location: "(no path)")
        }
        try makeDirectories()
        var status = stat()
        if stat(path, &status) == 0 {
            guard isRegular else {
                throw StoreError(
                    .inputOutput, operation: "open the state file", location: path,
                    detail: "not a regular file")
            }
            // SQLite would open it for reading only, without a word.
            guard access(path, W_OK) == 0 else { throw failure("write the state file") }
            return
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create the state file") }
        close(descriptor)
        syncDirectory()
    }

    /// Takes the file and its companions from everybody but the owner; returns what a person should hear.
    func protect() -> [StoreNotice] {
        var notices: [StoreNotice] = []
        for name in [path] + Self.companions.map({ path + $0 }) {
            var status = stat()
            guard stat(name, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            let mode = UInt32(status.st_mode & 0o7777)
            notices.append(
                chmod(name, 0o600) == 0
                    ? .permissionsTightened(path: name, from: mode)
                    : .permissionsLoose(path: name, mode: mode))
        }
        return notices
    }

    /// Renames the file and its companions to `PATH.LABEL-TIME` and returns that name; nothing is overwritten.
    func setAside(_ label: String, at wall: WallTime?) throws(StoreError) -> String {
        let base = path + "." + label + (wall.map { "-" + $0.compactUTC } ?? "")
        var name = base
        var attempt = 1
        var status = stat()
        while lstat(name, &status) == 0 {
            attempt += 1
            name = "\(base)-\(attempt)"
        }
        guard rename(path, name) == 0 else { throw failure("rename the state file") }
        for companion in Self.companions {
            // The write-ahead log belongs to the old file; beside a new one it would be taken for its own.
            _ = companion == "-shm" ? unlink(path + companion) : rename(path + companion, name + companion)
        }
        syncDirectory()
        return name
    }

    /// Removes the file and its companions; returns whether the file is gone.
    func remove() -> Bool {
        guard unlink(path) == 0 || errno == ENOENT else { return false }
        for companion in Self.companions { unlink(path + companion) }
        return true
    }

    private var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func makeDirectories() throws(StoreError) {
        var made = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            // A read-only file system says so even where the directory is there.
            var status = stat()
            let reason = errno
            guard stat(made, &status) != 0 else { continue }
            throw failure("create the directory", errno: reason)
        }
    }

    /// Makes names that were added or changed survive a power cut; best effort, as not every file system can.
    func syncDirectory() {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func failure(_ operation: String, errno number: Int32 = errno) -> StoreError {
        StoreError(
            StoreError.Kind(systemError: number), operation: operation, location: path, code: number,
            detail: String(cString: strerror(number)))
    }
}

extension WallTime {
    /// The time as `20261231T235959Z`, for file names.
    var compactUTC: String {
        var seconds = time_t(millisecondsSince1970 / 1_000)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(seconds)" }
        let date = [Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(Int.init)
        return date.map(twoDigits).joined() + "T" + clock.map(twoDigits).joined() + "Z"
    }
}

private func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
