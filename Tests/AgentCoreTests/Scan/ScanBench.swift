// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import HardwareIO
import Quantities
import Simulation
import Synchronization

/// A machine with as many adapters as a test wants, each with wires of its own.
struct ScanBench: Hardware {
    /// What opening an adapter gives.
    enum Opening: Sendable {
        case wires(VirtualI2CBus)
        case failure(BusError)
        /// A bus of the test's own.
        case made(@Sendable () -> any I2CBus)
    }

    var adapters: [I2CAdapter] = []
    var openings: [Int: Opening] = [:]
    var ids: [String] = []
    var sensors: [KernelSensor] = []

    /// Plugs an adapter in; its name is `adapter N` unless told otherwise.
    mutating func plug(_ opening: Opening, name: String? = nil, holders: [UInt8: String] = [:]) {
        let number = adapters.count
        adapters.append(
            I2CAdapter(
                number: number, name: name ?? "adapter \(number)", controller: "parent \(number)",
                deviceFile: "/dev/i2c-\(number)", holders: holders))
        openings[number] = opening
    }

    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        let fitting = adapters.filter(bus.names)
        guard fitting.count == 1, let opening = openings[fitting[0].number] else {
            throw BusError(.notFound, operation: "find I2C adapter", location: bus.description)
        }
        switch opening {
        case .wires(let wires): return InMemoryI2CBus(wires, location: fitting[0].deviceFile)
        case .failure(let error): throw error
        case .made(let make): return make()
        }
    }

    func i2cAdapters() -> [I2CAdapter] { adapters }
    func oneWireIDs() -> [String] { ids }
    func kernelSensors() -> [KernelSensor] { sensors }

    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        throw BusError(.notFound, operation: "find", location: device.description)
    }

    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        throw BusError(.notFound, operation: "find", location: line.description)
    }
}

/// A clock that jumps over short waits; long ones, which are limits, end by ``expire()`` only.
final class ScanTime: TimeSource {
    private struct State {
        var instant = ContinuousClock.now
        var hasExpired = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())

    var instant: ContinuousClock.Instant { state.withLock(\.instant) }

    func now() -> Now { Now(monotonic: instant, wall: nil, wallIsTrusted: false) }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        let (stream, end) = AsyncStream<Void>.makeStream()
        let isShort = state.withLock { state in
            if state.hasExpired || state.instant.duration(to: deadline) < .seconds(1) {
                state.instant = max(state.instant, deadline)
                return true
            }
            state.waiting.append(end)
            return false
        }
        if !isShort { for await _ in stream {} }
        if Task.isCancelled { throw CancellationError() }
    }

    /// Moves the clock while a call blocks.
    func pass(_ duration: Duration) { state.withLock { $0.instant = $0.instant.advanced(by: duration) } }

    func expire() {
        state.withLock { state in
            state.hasExpired = true
            state.waiting.forEach { $0.finish() }
        }
    }
}

/// A chip that counts how often it is addressed.
struct TouchedModel: I2CChipModel {
    private(set) var touches = 0
    mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        touches += 1
        return true
    }
    mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool { true }
    mutating func read(at now: ContinuousClock.Instant) -> UInt8 { 0 }
    mutating func stop(at now: ContinuousClock.Instant) {}
}

/// A bus where presence is what a closure says, and nobody takes a transfer.
final class ProbedBus: I2CBus {
    typealias Answer = @Sendable (UInt8, PresenceProbe) throws(BusError) -> Bool

    let location = "probed bus"
    private let answer: Answer

    init(_ answer: @escaping Answer) { self.answer = answer }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        throw BusError(.noAcknowledge, operation: "transfer", location: location)
    }

    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try answer(address, probe)
    }
}
