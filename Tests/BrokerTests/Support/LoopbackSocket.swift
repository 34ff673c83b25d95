// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import ProgramOutput

/// A TCP socket on a free loopback port.
final class LoopbackSocket: @unchecked Sendable {
    // Safety: set once; `close` is called by the one test that owns the socket.
    private var descriptor: CInt
    private var fillers: [CInt] = []
    let port: UInt16

    /// Binds a port without listening: connecting to it is refused, and nobody else gets it.
    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard code == 0 else { throw HostProgram.Failure("no loopback port (errno \(errno))") }
    }

    deinit { close() }

    /// Lets TCP connections through, which nobody ever accepts or answers.
    func listenSilently() { listen(descriptor, 16) }

    /// Fills the queue of connections, so that the next one hangs in SYN.
    func swallowConnections() {
        listen(descriptor, 0)
        for _ in 0..<4 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            var address = Self.address(port: port)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(filler, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            fillers.append(filler)
        }
    }

    /// Accepts one connection and closes it at once.
    func acceptAndClose() {
        let peer = accept(descriptor, nil, nil)
        Glibc.close(peer)
    }

    func close() {
        for filler in fillers { Glibc.close(filler) }
        fillers = []
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
