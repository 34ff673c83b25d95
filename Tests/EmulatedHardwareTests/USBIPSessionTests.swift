// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore
import Testing

@testable import EmulatedHardware

@Suite struct USBIPSessionTests {
    /// Echoes what it is sent, and answers requests 1, 2 and 3 by data, stall and silence.
    private final class Device: EmulatedUSBDevice {
        let identity = USBIdentity(
            vendor: 0x1234, product: 0x5678, release: 0x0100, manufacturer: "m", name: "n", serial: "s")

        func control(_ setup: USBSetup, data: [UInt8], at now: ContinuousClock.Instant) -> USBControlAnswer {
            switch setup.request {
            case 1: .data([1, 2, 3, 4, 5, 6])
            case 2: .stall
            default: .silence
            }
        }
    }

    private static let importRequest: [UInt8] =
        [0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0] + Array("1-1".utf8) + Array(repeating: 0, count: 29)

    private static func submit(
        _ sequence: UInt8, isIn: Bool, endpoint: UInt8 = 0, setup: [UInt8], data: [UInt8] = [],
        length: UInt8? = nil
    ) -> [UInt8] {
        let counts: [UInt8] = [0, 0, 0, length ?? setup[6]]
        return [
            0, 0, 0, 1, 0, 0, 0, sequence, 0, 1, 0, 2, 0, 0, 0, isIn ? 1 : 0, 0, 0, 0, endpoint, 0, 0, 0, 0,
        ]
            + counts + Array(repeating: 0, count: 12) + setup + data
    }

    private static func unlink(_ sequence: UInt8, _ victim: UInt8) -> [UInt8] {
        [0, 0, 0, 2, 0, 0, 0, sequence] + Array(repeating: 0, count: 12) + [0, 0, 0, victim]
            + Array(repeating: 0, count: 24)
    }

    private func session() -> USBIPSession {
        USBIPSession(plugged: ["1-1": Device()])
    }

    private func imported() throws -> USBIPSession {
        var session = session()
        _ = try session.receive(ByteBuffer(bytes: Self.importRequest), at: .now)
        return session
    }

    @Test("An import is granted with the 312-byte record")
    func imports() throws {
        var session = session()
        let reply = try session.receive(ByteBuffer(bytes: Self.importRequest), at: .now)
        #expect(reply.count == 320)
        #expect(reply[0..<8] == [0x01, 0x11, 0, 3, 0, 0, 0, 0])
        #expect(reply[264..<268] == [0x31, 0x2D, 0x31, 0])  // bus id
        #expect(reply[296..<308] == [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2])  // bus, device, full speed
        #expect(reply[308..<314] == [0x12, 0x34, 0x56, 0x78, 0x01, 0x00])
        #expect(session.busID == "1-1")
        #expect(!session.isOver)
    }

    @Test("An unknown bus id is refused and the connection is over")
    func refuses() throws {
        var session = USBIPSession(plugged: [:])
        let reply = try session.receive(ByteBuffer(bytes: Self.importRequest), at: .now)
        #expect(reply == [0x01, 0x11, 0, 3, 0, 0, 0, 1])
        #expect(session.isOver)
    }

    @Test("Another version, operation or command ends the stream with a reason")
    func rejects() throws {
        var bytes = Self.importRequest
        bytes[1] = 0x06
        var session = session()
        #expect(throws: USBIPError.version(0x0106)) {
            try session.receive(ByteBuffer(bytes: bytes), at: .now)
        }
        bytes = Self.importRequest
        bytes[3] = 0x05
        session = self.session()
        #expect(throws: USBIPError.operation(0x8005)) {
            try session.receive(ByteBuffer(bytes: bytes), at: .now)
        }
        session = try imported()
        let junk = ByteBuffer(bytes: Array(repeating: UInt8(0xEE), count: 48))
        #expect(throws: USBIPError.command(0xEEEE_EEEE)) { try session.receive(junk, at: .now) }
    }

    @Test("An IN transfer returns the data, cut to what was asked")
    func inTransfer() throws {
        var session = try imported()
        let setup: [UInt8] = [0xC0, 1, 0, 0, 0, 0, 4, 0]
        let reply = try session.receive(ByteBuffer(bytes: Self.submit(9, isIn: true, setup: setup)), at: .now)
        #expect(reply.count == 52)
        #expect(reply[0..<8] == [0, 0, 0, 3, 0, 0, 0, 9])
        #expect(reply[20..<28] == [0, 0, 0, 0, 0, 0, 0, 4])
        #expect(reply[48...] == [1, 2, 3, 4])
    }

    @Test("An OUT transfer counts the bytes that it took, however the stream is cut")
    func outTransfer() throws {
        let setup: [UInt8] = [0x40, 1, 0, 0, 0, 0, 3, 0]
        let bytes = Self.submit(7, isIn: false, setup: setup, data: [5, 6, 7])
        for cut in [1, 20, 47, 48, 50] {
            var session = try imported()
            #expect(try session.receive(ByteBuffer(bytes: bytes.prefix(cut)), at: .now).isEmpty)
            let reply = try session.receive(ByteBuffer(bytes: bytes.dropFirst(cut)), at: .now)
            #expect(reply.count == 48)
            #expect(reply[20..<28] == [0, 0, 0, 0, 0, 0, 0, 3])
        }
    }

    @Test("A stall is EPIPE, also on an endpoint that the device does not have")
    func stalls() throws {
        var session = try imported()
        let setup: [UInt8] = [0xC0, 2, 0, 0, 0, 0, 1, 0]
        let stalled = try session.receive(
            ByteBuffer(bytes: Self.submit(1, isIn: true, setup: setup)), at: .now)
        #expect(stalled[20..<24] == [0xFF, 0xFF, 0xFF, 0xE0])
        let bulk = Self.submit(2, isIn: true, endpoint: 1, setup: Array(repeating: 0, count: 8), length: 64)
        #expect(try session.receive(ByteBuffer(bytes: bulk), at: .now)[20..<24] == [0xFF, 0xFF, 0xFF, 0xE0])
    }

    @Test("A silent transfer is answered only when it is given up; an answered one needs no more")
    func unlinks() throws {
        var session = try imported()
        let setup: [UInt8] = [0xC0, 3, 0, 0, 0, 0, 1, 0]
        #expect(
            try session.receive(ByteBuffer(bytes: Self.submit(4, isIn: true, setup: setup)), at: .now).isEmpty
        )
        let held = try session.receive(ByteBuffer(bytes: Self.unlink(5, 4)), at: .now)
        #expect(held[0..<8] == [0, 0, 0, 4, 0, 0, 0, 5])
        #expect(held[20..<24] == [0xFF, 0xFF, 0xFF, 0x98])  // ECONNRESET
        let again = try session.receive(ByteBuffer(bytes: Self.unlink(6, 4)), at: .now)
        #expect(again[20..<24] == [0, 0, 0, 0])
        #expect(again.count == 48)
    }
}
