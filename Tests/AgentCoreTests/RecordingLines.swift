// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Synchronization

/// A machine of output lines only, which keeps every call and fails where the test says so.
final class RecordingLines: Hardware {
    /// One call, in order.
    enum Call: Hashable {
        case open(LineAddress, activeLow: Bool, consumer: String)
        case set(LineAddress, Bool)
        case read(LineAddress)
        case release(LineAddress)
    }

    private struct State {
        var calls: [Call] = []
        var levels: [LineAddress: Bool] = [:]
        var stuck: [LineAddress: Bool] = [:]
        var refusal: BusError?
        var failure: BusError?
        var readFailure: BusError?
        var held: Set<LineAddress> = []
    }

    private let state = Mutex(State())

    /// All calls so far.
    var calls: [Call] { state.withLock(\.calls) }
    /// The values that a line was set to, in order.
    func sets(of line: LineAddress) -> [Bool] {
        calls.compactMap { if case .set(line, let isOn) = $0 { isOn } else { nil } }
    }
    /// How often a line was asked for.
    func requests(of line: LineAddress) -> Int {
        calls.count { if case .open(line, _, _) = $0 { true } else { false } }
    }
    /// Forgets the calls.
    func forget() { state.withLock { $0.calls = [] } }
    /// From now on no line can be had; `nil` ends that.
    func refuse(_ error: BusError?) { state.withLock { $0.refusal = error } }
    /// From now on no held line can be driven; `nil` ends that.
    func fail(_ error: BusError?) { state.withLock { $0.failure = error } }
    /// From now on no held line can be read; `nil` ends that.
    func failReads(_ error: BusError?) { state.withLock { $0.readFailure = error } }
    /// From now on a line reads so, whatever it is set to; `nil` ends that.
    func stick(_ line: LineAddress, _ isOn: Bool?) { state.withLock { $0.stuck[line] = isOn } }

    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        let refusal = state.withLock { state in
            state.calls.append(.open(line, activeLow: use.activeLow, consumer: use.consumer))
            return state.refusal
        }
        if let refusal { throw refusal }
        // The kernel gives a line to one holder at a time.
        let isFree = state.withLock { $0.held.insert(line).inserted }
        guard isFree else {
            throw BusError(.busy, operation: "request as output", location: "\(line)", errno: 16)
        }
        state.withLock { $0.levels[line] = false }
        return Line(line, self)
    }

    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        throw BusError(.notFound, operation: "find", location: bus.description)
    }
    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        throw BusError(.notFound, operation: "find", location: device.description)
    }
    func i2cAdapters() -> [I2CAdapter] { [] }
    func oneWireIDs() -> [String] { [] }
    func kernelSensors() -> [KernelSensor] { [] }

    private final class Line: OutputLine {
        private let address: LineAddress
        private let machine: RecordingLines

        init(_ address: LineAddress, _ machine: RecordingLines) {
            self.address = address
            self.machine = machine
        }

        deinit {
            machine.state.withLock { state in
                state.held.remove(address)
                state.calls.append(.release(address))
            }
        }

        func set(active: Bool) throws(BusError) {
            let failure = machine.state.withLock { state in
                state.calls.append(.set(address, active))
                if state.failure == nil { state.levels[address] = active }
                return state.failure
            }
            if let failure { throw failure }
        }

        func isActive() throws(BusError) -> Bool {
            let (failure, level) = machine.state.withLock { state in
                state.calls.append(.read(address))
                return (state.readFailure, state.stuck[address] ?? state.levels[address] ?? false)
            }
            if let failure { throw failure }
            return level
        }
    }
}
