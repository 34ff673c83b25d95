// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// What an injected fault does to the next messages, and how a failed message ends.
package enum VirtualI2CFault: String, Error, Sendable, Hashable {
    /// Nobody acknowledges: the address, or a byte that the chip refuses.
    case noAcknowledge
    /// The adapter gives up in the middle of the message.
    case transferError
    /// The bus hangs: an adapter waits until its own time limit before it says so.
    case hang
}

/// A set of chip models on one pair of wires, driven message by message.
///
/// The same bus stands behind the in-memory ``InMemoryI2CBus`` and behind an emulated adapter; both may use it at once,
/// from any thread. Faults count STARTs: a message that meets one ends there, with a STOP as a controller sends it.
package final class VirtualI2CBus: Sendable {
    private struct Fault {
        var kind: VirtualI2CFault
        /// How many more messages meet it; `nil` is for ever.
        var remaining: Int?
    }

    private struct State {
        var models: [UInt8: any I2CChipModel] = [:]
        var faults: [UInt8: Fault] = [:]
        /// The chip between its START and its STOP.
        var selected: UInt8?
        var messages = 0
    }

    private let state = Mutex(State())
    private let clock: @Sendable () -> ContinuousClock.Instant

    /// Makes an empty bus; `clock` gives the instants that the models see.
    package init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
        self.clock = clock
    }

    /// The instant that a model would see now.
    package var now: ContinuousClock.Instant { clock() }

    /// How many messages were started so far, failed ones included.
    package var messageCount: Int { state.withLock(\.messages) }

    /// The addresses with a model, ascending.
    package var addresses: [UInt8] { state.withLock { $0.models.keys.sorted() } }

    /// Puts a chip at a 7-bit address; it takes the place of the one that was there.
    package func attach(_ model: some I2CChipModel, at address: UInt8) {
        state.withLock { $0.models[address] = model }
    }

    /// Takes the chip at `address` off the bus.
    package func detach(at address: UInt8) {
        state.withLock { state in
            state.models[address] = nil
            if state.selected == address { state.selected = nil }
        }
    }

    /// Looks at or changes the model at `address` while nothing is on the wire; `nil` where there is none of that type.
    package func withModel<Model: I2CChipModel, Value: Sendable>(
        _ type: Model.Type, at address: UInt8, _ body: (inout Model, ContinuousClock.Instant) -> Value
    ) -> Value? {
        withAnyModel(at: address) { any, now in
            guard var model = any as? Model else { return nil }
            defer { any = model }
            return body(&model, now)
        } ?? nil
    }

    /// Looks at or changes the model at `address`, whatever its type; `nil` where there is none.
    func withAnyModel<Value: Sendable>(
        at address: UInt8, _ body: (inout any I2CChipModel, ContinuousClock.Instant) -> Value
    ) -> Value? {
        let now = clock()
        return state.withLock { state in
            guard var model = state.models[address] else { return nil }
            defer { state.models[address] = model }
            return body(&model, now)
        }
    }

    /// Makes the next `times` messages to `address` fail; `nil` means until ``clearFaults()``.
    ///
    /// A new fault for the same address takes the place of the old one.
    package func inject(_ fault: VirtualI2CFault, at address: UInt8, times: Int? = nil) {
        state.withLock { state in
            state.faults[address] = times.map { $0 > 0 } == false ? nil : Fault(kind: fault, remaining: times)
        }
    }

    /// Ends all injected faults.
    package func clearFaults() {
        state.withLock { $0.faults = [:] }
    }

    /// One write message: START, or a repeated START where the last message had no STOP, the address, `bytes`.
    ///
    /// No bytes is the SMBus quick command. `stop` false leaves the bus to the next message.
    package func write(_ bytes: [UInt8], to address: UInt8, stop: Bool) throws(VirtualI2CFault) {
        _ = try message(to: address, reading: false, stop: stop) { (model, now) throws(VirtualI2CFault) in
            for byte in bytes where !model.write(byte, at: now) { throw .noAcknowledge }
            return []
        }
    }

    /// One read message: START, or a repeated START where the last message had no STOP, the address, `count` bytes.
    package func read(_ count: Int, from address: UInt8, stop: Bool) throws(VirtualI2CFault) -> [UInt8] {
        try message(to: address, reading: true, stop: stop) { model, now in
            (0..<max(0, count)).map { _ in model.read(at: now) }
        }
    }

    private func message(
        to address: UInt8, reading: Bool, stop: Bool,
        _ body: (inout any I2CChipModel, ContinuousClock.Instant) throws(VirtualI2CFault) -> [UInt8]
    ) throws(VirtualI2CFault) -> [UInt8] {
        let now = clock()
        let result: Result<[UInt8], VirtualI2CFault> = state.withLock { state in
            state.messages += 1
            if let selected = state.selected, selected != address { Self.release(&state, at: now) }
            if let fault = Self.takeFault(&state, at: address) {
                Self.release(&state, at: now)
                return .failure(fault)
            }
            guard var model = state.models[address] else { return .failure(.noAcknowledge) }
            guard model.start(reading: reading, at: now) else {
                model.stop(at: now)
                state.models[address] = model
                state.selected = nil
                return .failure(.noAcknowledge)
            }
            let outcome: Result<[UInt8], VirtualI2CFault>
            do throws(VirtualI2CFault) {
                outcome = .success(try body(&model, now))
            } catch {
                outcome = .failure(error)
            }
            state.models[address] = model
            state.selected = address
            if case .failure = outcome {
                Self.release(&state, at: now)
            } else if stop {
                Self.release(&state, at: now)
            }
            return outcome
        }
        return try result.get()
    }

    /// STOP for the chip that is selected.
    private static func release(_ state: inout State, at now: ContinuousClock.Instant) {
        guard let selected = state.selected else { return }
        state.models[selected]?.stop(at: now)
        state.selected = nil
    }

    private static func takeFault(_ state: inout State, at address: UInt8) -> VirtualI2CFault? {
        guard var fault = state.faults[address] else { return nil }
        if let remaining = fault.remaining {
            fault.remaining = remaining - 1
            state.faults[address] = remaining > 1 ? fault : nil
        }
        return fault.kind
    }
}
