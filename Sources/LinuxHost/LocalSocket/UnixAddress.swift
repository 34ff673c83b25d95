// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A path as the address of a Unix socket.
///
/// Manual page unix(7).
struct UnixAddress {
    /// The path.
    let path: String
    private var address = sockaddr_un()

    /// Takes a path; throws `ENAMETOOLONG` where an address has no room for it and its end.
    init(_ path: String) throws(HostError) {
        self.path = path
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard bytes.count < room.count else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            throw HostError(
                "bind", location: path, errno: ENAMETOOLONG,
                advice: "Give RUNTIME_DIRECTORY a path of at most 90 bytes.")
        }
    }

    /// Makes a non-blocking stream socket; throws what the kernel says.
    static func openSocket() throws(HostError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw HostError("socket", errno: errno) }
        return descriptor
    }

    /// Gives the socket this address; 0, or the kernel's error number.
    func bind(_ descriptor: CInt) -> CInt { call { Glibc.bind(descriptor, $0, $1) } }

    /// Connects the socket to this address; 0, or the kernel's error number.
    func connect(_ descriptor: CInt) -> CInt { call { Glibc.connect(descriptor, $0, $1) } }

    private func call(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
    }
}
