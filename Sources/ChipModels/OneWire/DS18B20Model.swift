// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A DS18B20, DS1822 or DS18S20, exact on the line.
///
/// ROM commands, scratchpad with CRC, EEPROM, conversions in the longest time that the data sheet allows, own or
/// parasitic supply. Maxim 19-7487 (DS18B20), 19-5474 (DS18S20). Where the DS18B20's sheet calls low bits undefined, at
/// less than 12 bits, they are 0 here.
package struct DS18B20Model: OneWireDeviceModel {
    /// The part.
    package enum Family: UInt8, Sendable, Hashable {
        /// Half degrees, with counters for more.
        case ds18s20 = 0x10
        /// As the DS18B20, less accurate.
        case ds1822 = 0x22
        /// Nine to twelve bits.
        case ds18b20 = 0x28
    }

    /// Where the current for a conversion comes from.
    package enum Supply: Sendable, Hashable {
        /// The pin V_DD.
        case external
        /// The line: without a strong pull-up during the conversion the part loses its supply.
        case parasite
    }

    /// What can be wrong with a part.
    package enum Fault: Sendable, Hashable {
        /// These bits of the nine bytes of the scratchpad arrive wrong: the checksum tells.
        case flippedBits([UInt8])
        /// It takes the command to convert, but the register stays as it is.
        case neverConverts
        /// It holds the line low while it should send: nine zeros, which fit their checksum.
        case sendsZeros
    }

    private enum Phase {
        /// Nothing more until the next reset.
        case idle
        case command(BitCollector)
        case writing([UInt8], BitCollector)
        case sending([UInt8], bit: Int)
        /// 0 until the job is done.
        case progress(Job)
        /// 0 for a part that feeds on the line.
        case supplyStatus
    }

    /// What takes time.
    private enum Job { case convert, copy, recall }

    /// Work under way.
    private struct Work {
        var job: Job
        var end: ContinuousClock.Instant
        /// Whether the supply carries the current that it needs.
        var isFed: Bool
    }

    /// The part's own number.
    package let rom: OneWireROM
    /// Which part it is.
    package let family: Family
    /// Where its current comes from.
    package let supply: Supply
    /// What is wrong with it, `nil` for nothing.
    package var fault: Fault?
    /// The temperature of the die in °C.
    package private(set) var celsius: Double

    /// Bytes 0…7.
    var scratchpad: [UInt8]
    /// T_H, T_L and, where there is one, the configuration.
    var eeprom: [UInt8]
    var isAlarming = false
    private let longestConversion: Duration
    private var selection: OneWireSelection
    private var phase = Phase.idle
    private var work: Work?

    /// Powers a part up; `conversionTime` is that of 12 bits.
    package init(
        _ family: Family = .ds18b20, serial: UInt64, celsius: Double, supply: Supply = .external,
        conversionTime: Duration = .milliseconds(750)
    ) {
        rom = OneWireROM(family: family.rawValue, serial: serial)
        selection = OneWireSelection(rom)
        self.family = family
        self.supply = supply
        self.celsius = celsius.isFinite ? celsius : 0
        longestConversion = conversionTime
        eeprom = family == .ds18s20 ? [0x4B, 0x46] : [0x4B, 0x46, 0x7F]
        scratchpad = Self.powerOnScratchpad(family, eeprom)
    }

    /// Warms or cools the die; a conversion that ended before `now` keeps the temperature of its time.
    package mutating func setTemperature(_ celsius: Double, at now: ContinuousClock.Instant) {
        advance(to: now)
        if celsius.isFinite { self.celsius = celsius }
    }

    /// A power cycle: 85 °C, the EEPROM's settings, deaf until the next reset.
    package mutating func resetPower() {
        work = nil
        phase = .idle
        selection.release()
        isAlarming = false
        scratchpad = Self.powerOnScratchpad(family, eeprom)
    }

    /// The reset pulse; always answered.
    package mutating func reset(at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        selection.reset()
        phase = .command(BitCollector())
        return true
    }

    /// One time slot.
    package mutating func slot(isReleased bit: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        guard selection.isSelected else {
            return selection.slot(isReleased: bit, isAlarming: isAlarming)
        }
        switch phase {
        case .idle: return true
        case .command(var collector):
            let command = collector.add(bit)
            phase = .command(collector)
            if let command { begin(command, at: now) }
            return true
        case .writing(var bytes, var collector):
            if let byte = collector.add(bit) { bytes.append(byte) }
            let isComplete = bytes.count == eeprom.count
            phase = isComplete ? .idle : .writing(bytes, collector)
            if isComplete { store(bytes) }
            return true
        case .sending(let bytes, let index):
            guard index < bytes.count * 8 else { return true }
            phase = .sending(bytes, bit: index + 1)
            return bytes[index / 8] >> (index % 8) & 1 == 1
        // While a part feeds on the line nobody can pull it low.
        case .progress(let job): return supply == .parasite || work?.job != job
        case .supplyStatus: return supply == .external
        }
    }

    /// The controller begins or ends to feed the part through the line.
    package mutating func setStrongPullup(_ isOn: Bool, at now: ContinuousClock.Instant) {
        advance(to: now)
        guard supply == .parasite, work != nil else { return }
        if isOn { work?.isFed = true } else { resetPower() }
    }
}

extension DS18B20Model {
    private mutating func begin(_ command: UInt8, at now: ContinuousClock.Instant) {
        switch command {
        case 0x44: start(.convert, for: conversionTime, at: now)
        case 0xBE: phase = .sending(transmitted, bit: 0)
        case 0x4E: phase = .writing([], BitCollector())
        // Data sheets: 10 ms at most for the EEPROM; for the recall they name no time.
        case 0x48: start(.copy, for: .milliseconds(10), at: now)
        case 0xB8: start(.recall, for: .zero, at: now)
        case 0xB4: phase = .supplyStatus
        default: phase = .idle
        }
    }

    private mutating func start(_ job: Job, for time: Duration, at now: ContinuousClock.Instant) {
        phase = .progress(job)
        work = Work(job: job, end: now.advanced(by: time), isFed: supply == .external || time == .zero)
        advance(to: now)
    }

    /// Ends the work that is over by `now`.
    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let work, work.end <= now else { return }
        // Starved: the voltage broke down on the way, and what was heard meanwhile is lost too.
        guard work.isFed else { return resetPower() }
        self.work = nil
        switch work.job {
        case .convert: if fault != .neverConverts { convert() }
        case .copy: eeprom = Array(scratchpad[2..<(2 + eeprom.count)])
        case .recall: scratchpad.replaceSubrange(2..<(2 + eeprom.count), with: eeprom)
        }
    }

    /// DS18B20: half the time for each bit less; DS18S20: always the longest.
    private var conversionTime: Duration {
        longestConversion / (1 << (12 - resolution))
    }

    /// The nine bytes as they go over the line.
    private var transmitted: [UInt8] {
        let bytes = scratchpad + [CRC8.maxim(scratchpad)]
        switch fault {
        case .sendsZeros: return bytes.map { _ in 0 }
        case .flippedBits(let mask): return zip(bytes, mask + bytes.map { _ in 0 }).map { $0 ^ $1 }
        case .neverConverts, nil: return bytes
        }
    }
}
