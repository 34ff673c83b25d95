// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// Where a thermostat's relay hangs.
package struct RelaySetup: Sendable, Hashable {
    /// The line.
    package var line: LineAddress
    /// How it is driven.
    package var use: LineUse
    /// Whether the line is one of the real world; else a model of a room feels it, or nobody.
    package var isReal: Bool
    /// After how many cycles its maker calls it worn.
    package var ratedCycles: Int

    /// Describes a relay.
    package init(line: LineAddress, use: LineUse, isReal: Bool, ratedCycles: Int = 100_000) {
        self.line = line
        self.use = use
        self.isReal = isReal
        self.ratedCycles = ratedCycles
    }
}

/// Holds a relay's line and keeps it as the thermostat says: set and read back at every tick.
///
/// Not `Sendable`: it lives on the control thread.
struct RelayDriver {
    /// What a call found.
    enum Finding: Hashable {
        /// The line is as it should be.
        case agrees
        /// It is not, or does not answer, but not yet for long.
        case deviates
        /// It has not read back as it was set for ``ticksUntilFault`` ticks, or at every other tick for longer.
        case disagrees
        /// It cannot be had or driven; a clause for people.
        case unavailable(String)
    }

    /// Ticks in a row with another level, or without an answer, that make a fault.
    static let ticksUntilFault = 3
    /// A tick that deviates weighs as much as so many that agree: a contact that chatters is a fault too.
    private static let weight = 2
    /// Ticks between two attempts to get a line that was refused or lost.
    static let ticksBetweenRequests = 10

    let setup: RelaySetup
    /// What the line read last; `nil` where it could not be read.
    private(set) var readBack: Bool?
    private let hardware: any Hardware
    private var line: (any OutputLine)?
    /// Rises by ``weight`` with each tick that deviates, falls by one with each that agrees.
    private var deviations = 0
    private var ticksUntilRequest = 0
    private var refusal: BusError?

    init(_ setup: RelaySetup, on hardware: any Hardware) {
        self.setup = setup
        self.hardware = hardware
    }

    /// Drives the line and reads it back; only a call that `isTick` counts towards a fault or the next request.
    mutating func drive(_ isOn: Bool, isTick: Bool) -> Finding {
        do throws(BusError) {
            let line = try requested(isTick: isTick)
            try line.set(active: isOn)
            readBack = try line.isActive()
        } catch {
            readBack = nil
            guard line != nil else { return .unavailable(Self.clause(error)) }
            guard hasDeviatedTooLong(isTick: isTick) else { return .deviates }
            // A chip that was unplugged and came back answers only a new request. A line that does not read can still be
            // driven off, and the next request, which does so too, waits for nothing: until then nobody holds the relay.
            try? line?.set(active: false)
            line = nil
            deviations = 0
            return .unavailable(Self.clause(error))
        }
        if readBack == isOn {
            if isTick { deviations = max(deviations - 1, 0) }
            return .agrees
        }
        return hasDeviatedTooLong(isTick: isTick) ? .disagrees : .deviates
    }

    /// Drives the line off; where it is not confirmed, requests it anew, since a request drives off by itself.
    mutating func driveOff() {
        guard drive(false, isTick: false) != .agrees, line != nil else { return }
        line = nil
        requestSoon()
        _ = drive(false, isTick: false)
    }

    /// Has the next call ask for a line that is not held, without waiting.
    mutating func requestSoon() { ticksUntilRequest = 0 }

    /// Lets go of the line; to be called after it was driven off.
    mutating func release() { line = nil }

    /// The error without its last full stop, since sentences are made around it.
    private static func clause(_ error: BusError) -> String {
        let text = "\(error)"
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private mutating func hasDeviatedTooLong(isTick: Bool) -> Bool {
        let limit = Self.ticksUntilFault * Self.weight
        if isTick { deviations = min(deviations + Self.weight, limit) }
        return deviations >= limit
    }

    private mutating func requested(isTick: Bool) throws(BusError) -> any OutputLine {
        if let line { return line }
        if isTick, ticksUntilRequest > 0 { ticksUntilRequest -= 1 }
        if ticksUntilRequest > 0, let refusal { throw refusal }
        do throws(BusError) {
            let opened = try hardware.openLine(setup.line, setup.use)
            line = opened
            return opened
        } catch {
            refuse(error)
            throw error
        }
    }

    private mutating func refuse(_ error: BusError) {
        refusal = error
        ticksUntilRequest = Self.ticksBetweenRequests
    }
}
