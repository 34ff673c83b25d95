// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

@Suite("ServiceManager") struct ServiceManagerTests {
    /// A bound datagram socket; a leading `@` means the abstract namespace.
    private func bound(_ name: String) throws -> CInt {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: Array(name.utf8))
            if name.hasPrefix("@") { path[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(result == 0)
        return descriptor
    }

    private func received(_ descriptor: CInt) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1_000)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    @Test("States arrive at a socket with a path and at an abstract one", arguments: [true, false])
    func notify(abstract: Bool) throws {
        let tree = try FakeTree()
        let name = abstract ? "@sensor-agent-test-\(UUID().uuidString)" : tree.root + "/notify"
        let descriptor = try bound(name)
        defer { close(descriptor) }
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name])
        try manager.notify(.ready, .status("two\nlines ü"))
        #expect(received(descriptor) == "READY=1\nSTATUS=two lines ü")
        try manager.notify(.watchdog)
        try manager.notify(.stopping)
        #expect(received(descriptor) == "WATCHDOG=1")
        #expect(received(descriptor) == "STOPPING=1")
        #expect(received(descriptor) == nil)
    }

    @Test("Without a service manager nothing happens, successfully", arguments: [[:], ["NOTIFY_SOCKET": ""]])
    func absent(environment: [String: String]) throws {
        try ServiceManager(environment: environment).notify(.ready)
    }

    @Test("A socket that is gone, unsupported or too long is an error that names it")
    func bad() throws {
        let long = "/" + String(repeating: "x", count: 200)
        for (name, number) in [
            ("/nonexistent/notify", ENOENT), ("vsock:2:1", EAFNOSUPPORT), (long, ENAMETOOLONG),
        ] {
            let error = #expect(throws: HostError.self) {
                try ServiceManager(environment: ["NOTIFY_SOCKET": name]).notify(.ready)
            }
            #expect(error?.errno == number)
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test("A manager that does not read costs no time", .timeLimit(.minutes(10)))
    func full() throws {
        let tree = try FakeTree()
        let descriptor = try bound(tree.root + "/notify")
        defer { close(descriptor) }
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": tree.root + "/notify"])
        let error = #expect(throws: HostError.self) {
            for _ in 0..<100_000 { try manager.notify(.watchdog) }
        }
        #expect(error?.errno == EAGAIN)
    }

    @Test("The watchdog is fed at half its limit, if it is for this process")
    func watchdog() {
        func interval(_ environment: [String: String]) -> Duration? {
            ServiceManager(environment: environment).watchdogInterval
        }
        #expect(interval(["WATCHDOG_USEC": "30000000"]) == .seconds(15))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"]) == .seconds(15))
        #expect(interval(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"]) == nil)
        for text in ["0", "-5", "soon", ""] { #expect(interval(["WATCHDOG_USEC": text]) == nil) }
        #expect(interval([:]) == nil)
    }
}
