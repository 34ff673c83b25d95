// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Testing

@testable import SensorDrivers

/// What shares addresses with the known chips and would act on a careless byte.
@Suite("Identification beside other chips")
struct NeighbourTests {
    private let wires = VirtualI2CBus()

    private func failure(at address: UInt8, on bus: (any I2CBus)? = nil) async -> SensorError? {
        let bus = bus ?? InMemoryI2CBus(wires, location: "bench")
        return await #expect(throws: SensorError.self) {
            try await ChipIdentification.identify(I2CDevice(bus: bus, address: address)) { _ in }
        }
    }

    @Test(
        "a port expander is never written to, also where its pins look like the status of an AHT20",
        arguments: [0x20, 0x27, 0x38, 0x3F], [0xFF, 0x00, 0x18, 0x1C, 0x98])
    func portExpander(address: UInt8, pins: UInt8) async {
        wires.attach(PCF8574Model(pins: pins), at: address)
        #expect(await failure(at: address)?.kind == .wrongIdentity)
        #expect(wires.withModel(PCF8574Model.self, at: address) { model, _ in model.written } == [])
    }

    @Test(
        "a multiplexer where barometers live is told as such and keeps its mask",
        arguments: [0x00, 0x01, 0x58, 0x60, 0xD0, 0xFF], [true, false])
    func multiplexer(mask: UInt8, showsAtOnce: Bool) async {
        for address in [0x76, 0x77] as [UInt8] {
            wires.attach(TCA9548AModel(mask: mask, showsAtOnce: showsAtOnce), at: address)
            let error = await failure(at: address)
            #expect(error?.kind == .wrongIdentity)
            #expect(error?.description.contains("multiplexer") == true)
            #expect(wires.withModel(TCA9548AModel.self, at: address) { model, _ in model.mask } == mask)
        }
    }

    @Test("where only multiplexers live, nothing is sent", arguments: [0x70, 0x71, 0x75])
    func otherMultiplexers(address: UInt8) async {
        wires.attach(TCA9548AModel(mask: 0x01), at: address)
        #expect(await failure(at: address)?.description.contains("multiplexers live here") == true)
        #expect(wires.messageCount == 0)
    }

    @Test("where memory chips live, nothing is sent", arguments: 0x50...0x57 as ClosedRange<UInt8>)
    func memory(address: UInt8) async {
        wires.attach(PCF8574Model(), at: address)
        #expect(await failure(at: address)?.description.contains("memory chips live here") == true)
        #expect(wires.messageCount == 0)
    }

    @Test("every transaction may fail: the multiplexer's mask is put back all the same")
    func maskAfterFailure() async {
        for kind in [BusError.Kind.timedOut, .inputOutput, .noAcknowledge, .arbitrationLost] {
            for transaction in 1..<5 {
                wires.attach(TCA9548AModel(mask: 0x04), at: 0x76)
                let bus = LateFailureBus(InMemoryI2CBus(wires, location: "bench"))
                bus.fault = (transaction, kind)
                _ = await failure(at: 0x76, on: bus)
                let mask = wires.withModel(TCA9548AModel.self, at: 0x76) { model, _ in model.mask }
                #expect(mask == 0x04, "\(kind) in transaction \(transaction)")
            }
        }
    }

    @Test("a mask that cannot be put back is told with what it was")
    func maskLeftChanged() async {
        wires.attach(TCA9548AModel(mask: 0x04), at: 0x76)
        let bus = LateFailureBus(InMemoryI2CBus(wires, location: "bench"))
        bus.refusesWrites = true
        let error = await failure(at: 0x76, on: bus)
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("was 0x04: write that back") == true)
    }

    @Test("an Si7021 is never reset, and nothing that could be a PCA9685 gets its two bytes")
    func noReset() async {
        for user in [0x3A, 0x00] as [UInt8] {
            let replies: [[UInt8]: [UInt8]] = [
                [0xE7]: [user], [0xFC, 0xC9]: [0xFF, 0xFF, 0, 0xFF, 0xFF, 0],
            ]
            for address in [0x40, 0x41] as [UInt8] {
                let bus = WatchedBus(CommandI2CBus(address: address, replies: replies))
                #expect(await failure(at: address, on: bus)?.kind == .wrongIdentity)
                #expect(!bus.commands.contains([0xFE]))
                #expect(bus.commands.contains([0xFC, 0xC9]) == (user == 0x3A))
            }
        }
    }

    @Test("no register of an MCP9808 above 0x08 is touched")
    func reserved() async {
        let bus = WatchedBus(RecordedI2CBus(.registers([0x06: [0x00, 0x54], 0x07: [0x02, 0x00]])))
        #expect(await failure(at: 0x18, on: bus)?.kind == .wrongIdentity)
        #expect(bus.commands == [[0x06], [0x07]])
    }

    @Test("a converter that is no thermometer does not pass for an LM75")
    func lm75Evidence() {
        func isPlausible(_ low: UInt16, _ high: UInt16, _ now: UInt16) -> Bool {
            ChipIdentification.isPlausibleLM75(low: low, high: high, temperature: now)
        }
        #expect(isPlausible(0x4B00, 0x5000, 0x1900))
        #expect(isPlausible(0xD800, 0x5000, 0xE700))
        // ADS1115 after power-up: no conversion yet, both thresholds at their ends.
        #expect(!isPlausible(0x8000, 0x7FFF, 0x0000))
        #expect(!isPlausible(0xFFFF, 0xFFFF, 0xFFFF))
        #expect(!isPlausible(0x0000, 0x0000, 0x0000))
        #expect(!isPlausible(0x5000, 0x4B00, 0x1900))
        #expect(!isPlausible(0x4B00, 0x5000, 0x8000))
    }

    @Test("a TMP102 with an upper limit that looks like the id of an ADT7410 stays a TMP102")
    func limitLikeAnID() async throws {
        let bus = RecordedI2CBus(
            .registers([0x01: [0x60, 0xA0], 0x03: [0xCB, 0x00], 0x0B: [0xCB, 0x00], 0x0F: [0xCB, 0x00]]))
        let identity = try await ChipIdentification.identify(I2CDevice(bus: bus, address: 0x48)) { _ in }
        #expect(identity == .ambiguous("tmp102", others: ["tmp112"]))
    }

    @Test("silence is not found; a chip that takes none of the commands is another one")
    func silence() async {
        #expect(await failure(at: 0x44)?.kind == .notFound)
        let stubborn = CommandI2CBus(address: 0x44, replies: [[0x00]: [0x00]])
        #expect(await failure(at: 0x44, on: stubborn)?.kind == .wrongIdentity)
    }

    @Test("an adapter that says input/output error for no acknowledge still lets the next command be tried")
    func inputOutput() async throws {
        let serial: [[UInt8]: [UInt8]] = [[0x89]: [0xFB, 0xBE, 0x23, 0x99, 0x91, 0x07]]
        let bus = FaultyBus(CommandI2CBus(address: 0x44, replies: serial))
        bus.fault = (0, .failure(.inputOutput))
        let identity = try await ChipIdentification.identify(I2CDevice(bus: bus, address: 0x44)) { _ in }
        #expect(identity == .known("sht4x"))
        let dead = FaultyBus(CommandI2CBus(address: 0x46, replies: [:]))
        dead.fault = (0, .failure(.inputOutput))
        #expect(await failure(at: 0x46, on: dead)?.kind == .ioError)
    }
}

/// A bus that remembers what was written.
private final class WatchedBus: I2CBus {
    var location: String { bus.location }
    private let bus: any I2CBus
    private(set) var commands: [[UInt8]] = []

    init(_ bus: any I2CBus) { self.bus = bus }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        if !write.isEmpty { commands.append(write) }
        return try bus.transfer(to: address, write: write, readCount: readCount)
    }

    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try bus.answers(at: address, to: probe)
    }
}

/// A bus on which a transaction reaches the chip and fails afterwards.
private final class LateFailureBus: I2CBus {
    var location: String { bus.location }
    private let bus: any I2CBus
    private var count = 0
    /// The number of the transaction that fails, counted from 0, and how.
    var fault: (transaction: Int, kind: BusError.Kind)?
    /// Whether writes without a read fail before they reach the chip.
    var refusesWrites = false

    init(_ bus: any I2CBus) { self.bus = bus }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        defer { count += 1 }
        if refusesWrites, readCount == 0 {
            throw BusError(.noAcknowledge, operation: "injected fault", location: location)
        }
        let reply = try bus.transfer(to: address, write: write, readCount: readCount)
        guard let fault, fault.transaction == count else { return reply }
        throw BusError(fault.kind, operation: "injected fault", location: location)
    }

    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try bus.answers(at: address, to: probe)
    }
}
