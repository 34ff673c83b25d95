// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// The socket file of a running agent, held by one process at a time and removed when this object goes.
final class LocalSocketListener: Sendable {
    /// The socket's name in its directory.
    static let name = "control.sock"
    /// Who may connect: owner and group.
    private static let mode: mode_t = 0o660
    private static let advice = "Give RUNTIME_DIRECTORY a directory that the agent's user may write to."

    /// The listening socket.
    let descriptor: CInt
    private let path: String
    private let lock: InstanceLock

    /// Makes the socket in `directory`, and the directory (mode 0750) where only that is missing.
    ///
    /// The file that a dead agent left behind is replaced; throws `.inUse` where its owner lives.
    init(directory: String) throws(LocalSocketFailure) {
        try Self.makeDirectory(directory)
        let path = directory + "/" + Self.name
        do throws(InstanceLock.Failure) {
            lock = try InstanceLock(file: directory + "/control.lock")
        } catch {
            guard case .system(var cause) = error else { throw .inUse(path) }
            cause.advice = Self.advice
            throw .system(cause)
        }
        do throws(HostError) {
            let address = try UnixAddress(path)
            try Self.clear(address)
            descriptor = try Self.listen(at: address)
        } catch {
            // The lock does not tell of an agent that still listens although somebody removed the lock's file.
            throw error.errno == EADDRINUSE ? .inUse(path) : .system(error)
        }
        self.path = path
    }

    deinit {
        // While the lock is held, nobody else puts a socket here.
        unlink(path)
        close(descriptor)
    }

    private static func makeDirectory(_ path: String) throws(LocalSocketFailure) {
        guard path.hasPrefix("/") else {
            throw .system(
                HostError(
                    "mkdir", location: path, advice: "Give RUNTIME_DIRECTORY an absolute path."))
        }
        guard mkdir(path, 0o750) == 0 else {
            guard errno != EEXIST else { return }
            throw .system(HostError("mkdir", location: path, errno: errno, advice: advice))
        }
        // Whatever the umask takes away, the group must be able to reach the socket.
        chmod(path, 0o750)
    }

    /// Removes the socket file of an agent that is gone; throws `EADDRINUSE` where somebody listens.
    private static func clear(_ address: UnixAddress) throws(HostError) {
        var information = stat()
        guard lstat(address.path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else {
            throw HostError(
                "bind", location: address.path, errno: EEXIST,
                advice: "There is a file that is no socket: remove it.")
        }
        let probe = try UnixAddress.openSocket()
        defer { close(probe) }
        let answer = address.connect(probe)
        // EAGAIN: somebody listens whose queue is full.
        guard answer != 0, answer != EAGAIN else {
            throw HostError("bind", location: address.path, errno: EADDRINUSE)
        }
        unlink(address.path)
    }

    private static func listen(at address: UnixAddress) throws(HostError) -> CInt {
        let descriptor = try UnixAddress.openSocket()
        // The file appears with the mode of its socket less the umask, so nobody gets in before the mode is right.
        fchmod(descriptor, mode)
        var number = address.bind(descriptor)
        if number == 0, chmod(address.path, mode) != 0 || Glibc.listen(descriptor, 8) != 0 {
            number = errno
            unlink(address.path)
        }
        guard number == 0 else {
            close(descriptor)
            throw HostError("bind", location: address.path, errno: number, advice: advice)
        }
        return descriptor
    }
}
