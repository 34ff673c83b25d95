// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The register pointer of a chip and the bytes of the message under way.
package struct RegisterPointer: Sendable {
    /// The register that the next access is to; it stays until another one is written.
    package private(set) var address: UInt8 = 0
    private var written: [UInt8]?
    private var outgoing: ArraySlice<UInt8> = []

    /// Points at register 0, as after power-up.
    package init() {}

    fileprivate mutating func startWriting() { written = nil }

    /// The register's bytes are taken at once, so that all bytes of a reading belong together.
    fileprivate mutating func startReading(_ bytes: [UInt8]) { outgoing = bytes[...] }

    /// The first byte is the pointer; returns the bytes after it so far.
    fileprivate mutating func take(_ byte: UInt8) -> [UInt8] {
        guard let before = written else {
            address = byte
            written = []
            return []
        }
        let data = before + [byte]
        written = data
        return data
    }

    /// Beyond the register's end the chip leaves the line alone.
    fileprivate mutating func next() -> UInt8 { outgoing.popFirst() ?? 0xFF }
}

/// A thermometer whose registers are reached through a pointer: the wire side of it.
package protocol RegisterThermometerModel: AmbientChipModel {
    /// The pointer and the message under way.
    var registers: RegisterPointer { get set }
    /// The temperature of the die in °C; finite.
    var celsius: Double { get set }
    /// Whether the chip acknowledges its address; always, where a chip does not say otherwise.
    func isAnswering(at now: ContinuousClock.Instant) -> Bool
    /// Ends the conversions that are over by `now`.
    mutating func advance(to now: ContinuousClock.Instant)
    /// What a message returns that reads from `pointer` on, with all that reading it does to the chip.
    mutating func contents(of pointer: UInt8, at now: ContinuousClock.Instant) -> [UInt8]
    /// Takes a write to `pointer`: called after each byte with all bytes so far, first with none for the pointer alone.
    mutating func store(_ data: [UInt8], to pointer: UInt8, at now: ContinuousClock.Instant)
}

extension RegisterThermometerModel {
    /// Always true.
    package func isAnswering(at now: ContinuousClock.Instant) -> Bool { true }

    /// Warms or cools the die; a conversion that ended before `now` keeps the temperature of its time.
    package mutating func setTemperature(_ celsius: Double, at now: ContinuousClock.Instant) {
        advance(to: now)
        if celsius.isFinite { self.celsius = celsius }
    }

    /// Changes what the chip measures from `now` on.
    package mutating func setAmbient(_ ambient: Ambient, at now: ContinuousClock.Instant) {
        setTemperature(ambient.celsius, at: now)
    }

    /// START and the address byte.
    package mutating func start(reading: Bool, at now: ContinuousClock.Instant) -> Bool {
        advance(to: now)
        guard isAnswering(at: now) else { return false }
        if reading {
            registers.startReading(contents(of: registers.address, at: now))
        } else {
            registers.startWriting()
        }
        return true
    }

    /// One byte from the controller: the pointer, then data; acknowledged always.
    package mutating func write(_ byte: UInt8, at now: ContinuousClock.Instant) -> Bool {
        let data = registers.take(byte)
        store(data, to: registers.address, at: now)
        return true
    }

    /// One byte to the controller.
    package mutating func read(at now: ContinuousClock.Instant) -> UInt8 { registers.next() }

    /// STOP.
    package mutating func stop(at now: ContinuousClock.Instant) {}

    /// The temperature in steps of `step` °C, at most `highest` and at least the two's complement of that.
    package func code(step: Double, highest: Int16) -> Int16 {
        Int16(max(Double(~highest), min(Double(highest), (celsius / step).rounded(.toNearestOrEven))))
    }
}

/// When the conversion under way ends, or while a chip runs by itself the next one.
package struct ConversionTimer: Sendable {
    /// The end of it; `nil` while the chip sleeps.
    package var end: ContinuousClock.Instant?

    /// A timer of a chip that sleeps, or whose conversion ends then.
    package init(end: ContinuousClock.Instant? = nil) { self.end = end }

    /// Takes note of the conversions that have ended by `now` and says how many, at most seven.
    ///
    /// The next one ends a `period` after the last; `nil` is for a chip that then sleeps. More than seven in a row with the
    /// same temperature change nothing: that is beyond the longest fault queue.
    package mutating func endings(by now: ContinuousClock.Instant, every period: Duration?) -> Int {
        guard let due = end, due <= now else { return 0 }
        guard let period else {
            end = nil
            return 1
        }
        let more = (due.duration(to: now) / period).rounded(.down)
        end = due.advanced(by: period * (more + 1))
        return Int(min(more + 1, 7))
    }
}

extension UInt16 {
    /// The bytes in the order of the wire, most significant first.
    package var wireBytes: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xFF)] }

    /// The word after `data` was written over it, most significant byte first; what comes after two bytes is lost.
    package func overwritten(by data: [UInt8]) -> UInt16 {
        switch data.count {
        case 0: self
        case 1: UInt16(data[0]) << 8 | self & 0xFF
        default: UInt16(data[0]) << 8 | UInt16(data[1])
        }
    }
}
