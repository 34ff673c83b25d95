// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Synchronization
import Testing

@testable import ChipModels
@testable import Simulation

/// A chip that keeps what the wire showed it, and refuses the byte 0xEE.
private struct WireLog: I2CChipModel {
    let log: @Sendable (String) -> Void

    mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        log(reading ? "Sr" : "Sw")
        return true
    }

    mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        log(String(byte, radix: 16))
        return byte != 0xEE
    }

    mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        log("r")
        return 0x5A
    }

    mutating func stop(at now: ContinuousClock.Instant) { log("P") }
}

@Suite("VirtualI2CBus")
struct VirtualI2CBusTests {
    private final class Log: Sendable {
        private let entries = Mutex<[String]>([])
        func add(_ entry: String) { entries.withLock { $0.append(entry) } }
        var text: String { entries.withLock { $0.joined(separator: " ") } }
    }

    private let wires = VirtualI2CBus()
    private let log = Log()

    init() {
        let log = log
        wires.attach(WireLog(log: log.add), at: 0x10)
        wires.attach(WireLog(log: { log.add("other:\($0)") }), at: 0x11)
    }

    @Test("a write and a read joined by a repeated START end with one STOP")
    func repeatedStart() throws {
        let bus = InMemoryI2CBus(wires, location: "test bus")
        #expect(try bus.transfer(to: 0x10, write: [1, 2], readCount: 2) == [0x5A, 0x5A])
        #expect(log.text == "Sw 1 2 Sr r r P")
    }

    @Test("bare reads, bare writes and the quick command have their own START and STOP")
    func bareMessages() throws {
        let bus = InMemoryI2CBus(wires, location: "test bus")
        _ = try bus.transfer(to: 0x10, write: [], readCount: 1)
        _ = try bus.transfer(to: 0x10, write: [7], readCount: 0)
        try wires.write([], to: 0x10, stop: true)
        #expect(log.text == "Sr r P Sw 7 P Sw P")
    }

    @Test("a byte that the chip refuses ends the transaction with a STOP")
    func refusedByte() {
        let bus = InMemoryI2CBus(wires, location: "test bus")
        let error = #expect(throws: BusError.self) {
            try bus.transfer(to: 0x10, write: [1, 0xEE, 3], readCount: 2)
        }
        #expect(error?.kind == .noAcknowledge)
        #expect(log.text == "Sw 1 ee P")
    }

    @Test("a START for another chip ends the one before")
    func otherChip() throws {
        try wires.write([1], to: 0x10, stop: false)
        try wires.write([2], to: 0x11, stop: true)
        #expect(log.text == "Sw 1 P other:Sw other:2 other:P")
    }

    @Test("nobody acknowledges an address without a chip, nor one whose chip was taken off")
    func absent() throws {
        #expect(throws: VirtualI2CFault.noAcknowledge) { try wires.read(1, from: 0x33, stop: true) }
        wires.detach(at: 0x10)
        #expect(throws: VirtualI2CFault.noAcknowledge) { try wires.read(1, from: 0x10, stop: true) }
        #expect(wires.addresses == [0x11])
        #expect(wires.messageCount == 2)
    }

    @Test("a fault hits as many messages as asked for, at its address only, and then no more")
    func countedFault() throws {
        wires.inject(.noAcknowledge, at: 0x10, times: 2)
        for _ in 0..<2 {
            #expect(throws: VirtualI2CFault.noAcknowledge) { try wires.read(1, from: 0x10, stop: true) }
        }
        #expect(try wires.read(1, from: 0x10, stop: true) == [0x5A])
        wires.inject(.hang, at: 0x10)
        for _ in 0..<5 {
            #expect(throws: VirtualI2CFault.hang) { try wires.read(1, from: 0x10, stop: true) }
        }
        #expect(try wires.read(1, from: 0x11, stop: true) == [0x5A])
        wires.clearFaults()
        #expect(try wires.read(1, from: 0x10, stop: true) == [0x5A])
    }

    @Test("a fault between the messages of a transaction stops the chip that was selected")
    func faultMidway() throws {
        try wires.write([1], to: 0x10, stop: false)
        wires.inject(.transferError, at: 0x10, times: 1)
        #expect(throws: VirtualI2CFault.transferError) { try wires.read(1, from: 0x10, stop: true) }
        #expect(log.text == "Sw 1 P")
    }

    @Test("the in-memory bus names faults as a Linux adapter does, and refuses an empty transfer")
    func kinds() {
        let bus = InMemoryI2CBus(wires, location: "test bus")
        let expected: [(VirtualI2CFault, BusError.Kind)] = [
            (.noAcknowledge, .noAcknowledge), (.transferError, .inputOutput), (.hang, .timedOut),
        ]
        for (fault, kind) in expected {
            wires.inject(fault, at: 0x10, times: 1)
            let error = #expect(throws: BusError.self) {
                try bus.transfer(to: 0x10, write: [1], readCount: 1)
            }
            #expect(error?.kind == kind)
        }
        let error = #expect(throws: BusError.self) { try bus.transfer(to: 0x10, write: [], readCount: 0) }
        #expect(error?.kind == .unsupported)
    }
}
