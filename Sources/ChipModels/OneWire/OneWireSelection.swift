// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The part of a 1-Wire device that listens after a reset whether it is meant.
///
/// Read ROM 0x33, Match ROM 0x55, Skip ROM 0xCC, Search ROM 0xF0, Alarm Search 0xEC. Maxim 19-7487, "ROM commands".
struct OneWireSelection: Sendable {
    private enum Phase {
        /// Deaf until the next reset.
        case idle
        case command(BitCollector)
        case sending(bit: Int)
        case matching(bit: Int)
        case searching(bit: Int, SearchSlot)
        case selected
    }

    /// The three slots that a search spends on each bit.
    private enum SearchSlot { case bit, complement, direction }

    private let rom: OneWireROM
    private var phase = Phase.idle

    init(_ rom: OneWireROM) {
        self.rom = rom
    }

    /// Whether the slots from now on belong to the device's own commands.
    var isSelected: Bool {
        if case .selected = phase { true } else { false }
    }

    /// A reset: the next eight slots are a ROM command.
    mutating func reset() {
        phase = .command(BitCollector())
    }

    /// Stops listening until the next reset.
    mutating func release() {
        phase = .idle
    }

    /// One slot while the device is not selected; returns false where the device pulls the line low.
    mutating func slot(isReleased bit: Bool, isAlarming: Bool) -> Bool {
        switch phase {
        case .idle, .selected: return true
        case .command(var collector):
            guard let command = collector.add(bit) else {
                phase = .command(collector)
                return true
            }
            begin(command, isAlarming: isAlarming)
            return true
        case .sending(let index):
            phase = index < 63 ? .sending(bit: index + 1) : .selected
            return rom.bit(index)
        case .matching(let index):
            phase = rom.bit(index) == bit ? next(after: index) { .matching(bit: $0) } : .idle
            return true
        case .searching(let index, .bit):
            phase = .searching(bit: index, .complement)
            return rom.bit(index)
        case .searching(let index, .complement):
            phase = .searching(bit: index, .direction)
            return !rom.bit(index)
        case .searching(let index, .direction):
            phase = rom.bit(index) == bit ? next(after: index) { .searching(bit: $0, .bit) } : .idle
            return true
        }
    }

    private mutating func begin(_ command: UInt8, isAlarming: Bool) {
        switch command {
        case 0x33: phase = .sending(bit: 0)
        case 0x55: phase = .matching(bit: 0)
        case 0xCC: phase = .selected
        case 0xF0: phase = .searching(bit: 0, .bit)
        case 0xEC where isAlarming: phase = .searching(bit: 0, .bit)
        default: phase = .idle
        }
    }

    private func next(after index: Int, _ phase: (Int) -> Phase) -> Phase {
        index < 63 ? phase(index + 1) : .selected
    }
}

/// Collects a byte from slots, lowest bit first.
struct BitCollector: Sendable {
    private var value: UInt8 = 0
    private var count = 0

    /// Takes a bit; returns the byte with its eighth.
    mutating func add(_ bit: Bool) -> UInt8? {
        value |= (bit ? 1 : 0) << count
        count += 1
        guard count == 8 else { return nil }
        defer { self = BitCollector() }
        return value
    }
}
