// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// The USB adapter `viperboard` (2058:1005) as far as its GPIO goes: two banks of sixteen lines.
///
/// The kernel's driver makes them two gpiochips labelled `viperboard gpio a` and `viperboard gpio b`. What the program
/// inside drives is seen here at once, with this side's clock; a line keeps its level when the program that held it
/// dies. Two doings of the driver: it answers what it last set instead of reading an output back, and on bank B it
/// makes a line an output before it gives it its level, so that an active-low line is low for a moment there.
/// Linux: `drivers/mfd/viperboard.c`, `drivers/gpio/gpio-viperboard.c`.
package final class ViperboardAdapter: EmulatedUSBDevice {
    /// One line: its bank and its number there.
    package struct Line: Sendable, Hashable {
        /// Which of the two gpiochips.
        package enum Bank: Sendable, Hashable { case a, b }

        /// The bank.
        package var bank: Bank
        /// The offset, 0…15.
        package var offset: Int

        /// Names a line.
        package init(_ bank: Bank, _ offset: Int) {
            self.bank = bank
            self.offset = offset
        }
    }

    /// A line that was driven to another level, or driven for the first time.
    package struct Transition: Sendable, Hashable {
        /// Which line.
        package var line: Line
        /// The level from then on.
        package var isHigh: Bool
        /// When, by the emulator's clock.
        package var at: ContinuousClock.Instant
    }

    /// What the host reads while it enumerates.
    package let identity = USBIdentity(
        vendor: 0x2058, product: 0x1005, release: 0x0100, manufacturer: "sensor-agent",
        name: "emulated viperboard",
        serial: "EMULATED-GPIO")
    /// Every transition, as it happens; one reader.
    package let transitions: AsyncStream<Transition>

    private struct State {
        /// The driven lines and their levels.
        var outputs: [Line: Bool] = [:]
        /// What inputs show.
        var inputs: Set<Line> = []
        var history: [Transition] = []
        /// The last message of bank A, whose answer the driver fetches.
        var answer: [UInt8] = []
    }

    private enum Request {
        static let versionMajor: UInt8 = 0xEA
        static let versionMinor: UInt8 = 0xEB
        static let bankA: UInt8 = 0xED
        static let bankB: UInt8 = 0xDD
    }

    private enum CommandA {
        static let setOutput: UInt8 = 3
        static let setInput: UInt8 = 4
        static let sample: UInt8 = 6
    }

    private enum CommandB {
        static let setDirection: UInt8 = 0
        static let setValue: UInt8 = 1
    }

    private let state = Mutex(State())
    private let sink: AsyncStream<Transition>.Continuation

    /// Makes an adapter whose lines are all inputs.
    package init() {
        (transitions, sink) = AsyncStream.makeStream()
    }

    deinit { sink.finish() }

    /// Every transition so far, oldest first.
    package var history: [Transition] { state.withLock(\.history) }

    /// The level that the line is driven to; `nil` where it is an input.
    package func output(_ line: Line) -> Bool? { state.withLock { $0.outputs[line] } }

    /// Sets what an input shows.
    package func setInput(_ line: Line, isHigh: Bool) {
        state.withLock { state in
            if isHigh { state.inputs.insert(line) } else { state.inputs.remove(line) }
        }
    }

    /// One vendor request of the driver.
    package func control(_ setup: USBSetup, data: [UInt8], at now: ContinuousClock.Instant)
        -> USBControlAnswer
    {
        guard setup.kind == .vendor else { return .stall }
        switch (setup.isIn, setup.request) {
        case (true, Request.versionMajor), (true, Request.versionMinor): return .data([1])
        case (false, Request.bankA): return bankA(data, at: now)
        case (true, Request.bankA): return .data(state.withLock(\.answer))
        case (false, Request.bankB): return bankB(data, at: now)
        case (true, Request.bankB): return .data(inputs())
        default: return .stall
        }
    }

    /// Eleven bytes: command, clock, offset, two times, invert, PWM level, output value, edge, answer, fill.
    private func bankA(_ data: [UInt8], at now: ContinuousClock.Instant) -> USBControlAnswer {
        guard data.count == 11, data[2] < 16 else { return .stall }
        let line = Line(.a, Int(data[2]))
        switch data[0] {
        case CommandA.setOutput: drive(line, isHigh: data[7] & 1 != 0, at: now)
        case CommandA.setInput: state.withLock { $0.outputs[line] = nil }
        case CommandA.sample:
            state.withLock { state in
                state.answer = data
                state.answer[9] = state.inputs.contains(line) ? 1 : 0
            }
        default: return .stall
        }
        return .done
    }

    /// Five bytes: command, value and mask, both highest byte first.
    private func bankB(_ data: [UInt8], at now: ContinuousClock.Instant) -> USBControlAnswer {
        guard data.count == 5 else { return .stall }
        let value = UInt16(data[1]) << 8 | UInt16(data[2])
        let mask = UInt16(data[3]) << 8 | UInt16(data[4])
        for offset in 0..<16 where mask >> UInt16(offset) & 1 != 0 {
            let line = Line(.b, offset)
            let isSet = value >> UInt16(offset) & 1 != 0
            switch data[0] {
            case CommandB.setDirection where isSet:
                // The level of a new output is what was set before, low at first.
                drive(line, isHigh: output(line) ?? false, at: now)
            case CommandB.setDirection: state.withLock { $0.outputs[line] = nil }
            case CommandB.setValue: drive(line, isHigh: isSet, at: now)
            default: return .stall
            }
        }
        return .done
    }

    private func inputs() -> [UInt8] {
        let levels = state.withLock { state in
            (0..<16).reduce(UInt16(0)) { levels, offset in
                let line = Line(.b, offset)
                return levels | (state.outputs[line] ?? state.inputs.contains(line) ? 1 << UInt16(offset) : 0)
            }
        }
        return [0, UInt8(levels >> 8), UInt8(levels & 0xFF), 0xFF, 0xFF]
    }

    private func drive(_ line: Line, isHigh: Bool, at now: ContinuousClock.Instant) {
        let transition = Transition(line: line, isHigh: isHigh, at: now)
        let isNew = state.withLock { state in
            guard state.outputs.updateValue(isHigh, forKey: line) != isHigh else { return false }
            state.history.append(transition)
            return true
        }
        if isNew { sink.yield(transition) }
    }
}
