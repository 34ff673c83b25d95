// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import Dispatch
import HardwareIO
import Quantities
import SensorDrivers
import Simulation
import Testing

@Suite("Scanning what is broken", .timeLimit(.minutes(10))) struct ScannerFaultTests {
    private let time = ScanTime()

    private func wires(with address: UInt8? = nil) -> VirtualI2CBus {
        let time = time
        let wires = VirtualI2CBus(clock: { time.instant })
        if let address { wires.attach(TMP102Model(celsius: 20, poweredAt: time.instant), at: address) }
        return wires
    }

    private func scan(_ bench: ScanBench) async -> ScanReport {
        await AgentCore.Scanner(hardware: bench, time: time).scan()
    }

    private static let thermometer = ScanReport.Finding.identified(
        .ambiguous("tmp102", others: ["tmp112"]))

    @Test("an adapter that may not be opened is told with its advice, and the others are scanned")
    func permission() async {
        var bench = ScanBench()
        bench.plug(
            .failure(
                BusError(
                    .permission, operation: "open", location: "/dev/i2c-0", errno: 13,
                    advice: "Members of group i2c may use it.")))
        bench.plug(.wires(wires(with: 0x48)))
        let report = await scan(bench)
        #expect(report.hasProblems)
        #expect(report.adapters[0].problem?.kind == "permission")
        #expect(report.adapters[0].problem?.text.hasSuffix("Members of group i2c may use it.") == true)
        #expect(report.adapters[1].problem == nil)
        #expect(report.adapters[1].chips == [.init(0x48, Self.thermometer)])
    }

    @Test("a bus that hangs is told after two addresses, and the others are scanned") func stuck() async {
        let hanging = wires(with: 0x48)
        for address in 0x30...0x77 as ClosedRange<UInt8> { hanging.inject(.hang, at: address) }
        var bench = ScanBench()
        bench.plug(.wires(hanging))
        bench.plug(.wires(wires(with: 0x48)))
        let report = await scan(bench)
        #expect(report.adapters[0].problem?.kind == "timedOut")
        #expect(report.adapters[0].problem?.text.contains("hangs") == true)
        #expect(report.adapters[0].problem?.text.hasSuffix("scan again.") == true)
        #expect(report.adapters[0].chips.map(\.address) == [0x30])
        // 0x08…0x2F, and two that hang.
        #expect(hanging.messageCount == 0x30 - 0x08 + 2)
        #expect(report.adapters[1].chips == [.init(0x48, Self.thermometer)])
    }

    @Test("one chip that hangs is told, and the rest of its bus is scanned") func oneHangingChip() async {
        let wires = wires(with: 0x49)
        wires.inject(.hang, at: 0x48)
        var bench = ScanBench()
        bench.plug(.wires(wires))
        let adapter = await scan(bench).adapters[0]
        #expect(adapter.problem == nil)
        #expect(adapter.chips.map(\.address) == [0x48, 0x49])
        guard case .failed(let problem)? = adapter.chips.first?.finding else {
            Issue.record("\(adapter)")
            return
        }
        #expect(problem.kind == "timedOut")
        #expect(adapter.chips.last?.finding == Self.thermometer)
    }

    @Test("an adapter whose thread is stuck is left behind at the limit, with what was found before")
    func blocked() async {
        let reached = AsyncStream<Void>.makeStream()
        let end = DispatchSemaphore(value: 0)
        defer { end.signal() }
        var bench = ScanBench()
        bench.plug(
            .made {
                ProbedBus { (address, _) throws(BusError) in
                    guard address == 0x40 else { return address == 0x10 }
                    reached.continuation.yield()
                    end.wait()
                    return false
                }
            })
        bench.plug(.wires(wires(with: 0x4B)))
        let time = time
        async let expired: Void = {
            // Only when the other adapter is done may its limit pass as well.
            var events = reached.stream.makeAsyncIterator()
            for _ in 0..<2 { _ = await events.next() }
            time.expire()
        }()
        let report = await AgentCore.Scanner(hardware: bench, time: time).scan { step in
            if step.deviceFile == "/dev/i2c-1", step.done == step.total { reached.continuation.yield() }
        }
        await expired
        #expect(report.adapters[0].chips.map(\.address) == [0x10])
        #expect(report.adapters[0].problem?.kind == "timedOut")
        #expect(report.adapters[0].problem?.text.contains("within 20 s; at address 0x40") == true)
        #expect(report.adapters[1].chips == [.init(0x4B, Self.thermometer)])
    }

    @Test("a cancelled scan stops after the address that it is at and says so") func cancelled() async {
        let wires = wires(with: 0x48)
        wires.attach(TCA9548AModel(mask: 0x02), at: 0x76)
        wires.attach(TCA9548AModel(mask: 0x02), at: 0x77)
        var bench = ScanBench()
        bench.plug(.wires(wires))
        let scanner = AgentCore.Scanner(hardware: bench, time: time)
        let cancel = AsyncStream<Void>.makeStream()
        let scan = Task {
            await scanner.scan { step in
                guard step.done == 0x75 - 0x08 + 1 else { return }
                cancel.continuation.yield()
                cancel.continuation.finish()
                // The next address is begun only when the cancellation has arrived.
                while !Task.isCancelled {}
            }
        }
        for await _ in cancel.stream {}
        scan.cancel()
        let report = await scan.value
        #expect(report.adapters[0].problem?.kind == "cancelled")
        #expect(report.adapters[0].chips == [.init(0x48, Self.thermometer)])
        for address in [0x76, 0x77] as [UInt8] {
            #expect(wires.withModel(TCA9548AModel.self, at: address) { model, _ in model.mask } == 0x02)
        }
        #expect(wires.withModel(TCA9548AModel.self, at: 0x77) { model, _ in model.masks } == [])
    }

    @Test("input/output errors are how some adapters say that nobody is there; all of them are a problem")
    func inputOutput() async {
        var bench = ScanBench()
        for present in [true, false] {
            bench.plug(
                .made {
                    ProbedBus { (address, _) throws(BusError) in
                        if present, address == 0x20 { return true }
                        throw BusError(.inputOutput, operation: "ioctl", location: "here", errno: 5)
                    }
                })
        }
        let report = await scan(bench)
        #expect(report.adapters[0].problem == nil)
        #expect(report.adapters[0].chips.map(\.address) == [0x20])
        #expect(report.adapters[1].problem?.kind == "inputOutput")
        #expect(report.adapters[1].problem?.text.contains("every address") == true)
    }

    @Test("an input/output error that comes late is a bus that hangs") func lateInputOutput() async {
        let time = time
        var bench = ScanBench()
        bench.plug(
            .made {
                ProbedBus { (address, _) throws(BusError) in
                    guard address >= 0x20 else { return false }
                    time.pass(.seconds(2))
                    throw BusError(.inputOutput, operation: "ioctl", location: "here", errno: 5)
                }
            })
        let adapter = await scan(bench).adapters[0]
        #expect(adapter.problem?.text.contains("The bus hangs") == true)
        #expect(adapter.chips.map(\.address) == [0x20])
    }

    @Test("an adapter that goes away, or cannot ask for presence, is not scanned any further")
    func gone() async {
        var bench = ScanBench()
        for kind in [BusError.Kind.notFound, .unsupported] {
            bench.plug(
                .made {
                    ProbedBus { (address, _) throws(BusError) in
                        guard address == 0x20 else { return address == 0x1F }
                        throw BusError(kind, operation: "ioctl", location: "here")
                    }
                })
        }
        let report = await scan(bench)
        #expect(report.adapters.map { $0.problem?.kind } == ["notFound", "unsupported"])
        #expect(report.adapters.allSatisfy { $0.chips.map(\.address) == [0x1F] })
    }

    @Test("another controller on the bus is given way to once, then told") func arbitration() async {
        let once = wires(with: 0x48)
        var bench = ScanBench()
        bench.plug(.made { BusyBus(InMemoryI2CBus(once, location: "once"), losses: 1) })
        bench.plug(.made { BusyBus(InMemoryI2CBus(once, location: "twice"), losses: 2) })
        let report = await scan(bench)
        #expect(report.adapters[0].chips == [.init(0x48, Self.thermometer)])
        #expect(report.adapters[1].chips.map(\.address) == [0x08, 0x48])
    }

    @Test("a chip that an SMBus-only adapter cannot ask is told as not askable, and the others as they are")
    func smbusOnly() async {
        let wires = wires(with: 0x48)
        wires.attach(CalibratedStatus(), at: 0x38)
        var bench = ScanBench()
        bench.plug(.made { SMBusOnlyI2CBus(InMemoryI2CBus(wires, location: "narrow")) })
        bench.plug(.wires(wires))
        let report = await scan(bench)
        guard case .notAskable(let reason)? = report.adapters[0].chips.first?.finding else {
            Issue.record("\(report.adapters[0])")
            return
        }
        #expect(reason.contains("SMBus only"))
        #expect(report.adapters[0].chips.last?.finding == Self.thermometer)
        #expect(report.adapters[1].chips.first?.finding == .identified(.known("aht20")))
    }
}

/// What a bare read of an AHT20 begins with.
private struct CalibratedStatus: I2CChipModel {
    private var index = 0
    mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        index = 0
        return true
    }
    mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool { false }
    mutating func read(at now: ContinuousClock.Instant) -> UInt8 {
        defer { index += 1 }
        return index == 0 ? 0x18 : 0x80
    }
    mutating func stop(at now: ContinuousClock.Instant) {}
}

/// A bus on which another controller wins the first questions at two addresses.
private final class BusyBus: I2CBus {
    var location: String { bus.location }
    private let bus: any I2CBus
    private var presenceLosses: Int
    private var transferLosses: Int

    init(_ bus: any I2CBus, losses: Int) {
        self.bus = bus
        (presenceLosses, transferLosses) = (losses, losses)
    }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        try lose(&transferLosses)
        return try bus.transfer(to: address, write: write, readCount: readCount)
    }

    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try lose(&presenceLosses)
        return try bus.answers(at: address, to: probe)
    }

    private func lose(_ count: inout Int) throws(BusError) {
        guard count > 0 else { return }
        count -= 1
        throw BusError(.arbitrationLost, operation: "ioctl", location: location, errno: 11)
    }
}
