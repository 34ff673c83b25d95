// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Testing

/// Sockets of this machine, for those who stand in for a client, an agent or a service manager.
enum UnixSocket {
    /// A client's, connected to the one at `path`.
    static func connected(to path: String) throws -> CInt {
        try make(CInt(SOCK_STREAM.rawValue), path) { connect($0, $1, $2) }
    }

    /// One that has its place at `path`, of type `SOCK_STREAM` or `SOCK_DGRAM` with flags.
    static func bound(to path: String, type: CInt) throws -> CInt {
        try make(type, path) { bind($0, $1, $2) }
    }

    private static func make(
        _ type: CInt, _ path: String, _ use: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws -> CInt {
        let descriptor = socket(AF_UNIX, type, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { use(descriptor, $0, size) }
        }
        try #require(result == 0)
        return descriptor
    }
}
