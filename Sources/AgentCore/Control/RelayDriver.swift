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
    /// What a tick found.
    enum Finding: Hashable {
        /// The line is as it should be.
        case agrees
        /// It has not read back as it was set for ``ticksUntilFault`` ticks.
        case disagrees
        /// It cannot be had or driven; a clause for people.
        case unavailable(String)
    }

    /// Ticks in a row with another level, or without an answer, that make a fault.
    static let ticksUntilFault = 3
    /// Ticks between two attempts to get a line that was refused.
    static let ticksBetweenRequests = 10

    let setup: RelaySetup
    /// What the line read at the last tick; `nil` where it could not be read.
    private(set) var readBack: Bool?
    private let hardware: any Hardware
    private var line: (any OutputLine)?
    private var deviations = 0
    private var ticksUntilRequest = 0

    init(_ setup: RelaySetup, on hardware: any Hardware) {
        self.setup = setup
        self.hardware = hardware
    }

    /// Drives the line and reads it back.
    mutating func drive(_ isOn: Bool) -> Finding {
        do throws(BusError) {
            let line = try requested()
            try line.set(active: isOn)
            readBack = try line.isActive()
        } catch {
            readBack = nil
            guard line != nil else { return .unavailable("\(error)") }
            deviations += 1
            return deviations >= Self.ticksUntilFault ? .unavailable("\(error)") : .agrees
        }
        deviations = readBack == isOn ? 0 : deviations + 1
        return deviations >= Self.ticksUntilFault ? .disagrees : .agrees
    }

    /// Lets go of the line; to be called after it was driven off.
    mutating func release() { line = nil }

    private mutating func requested() throws(BusError) -> any OutputLine {
        if let line { return line }
        ticksUntilRequest -= 1
        guard ticksUntilRequest < 0 else {
            throw BusError(.busy, operation: "request", location: setup.line.description, advice: lastRefusal)
        }
        do throws(BusError) {
            let opened = try hardware.openLine(setup.line, setup.use)
            line = opened
            return opened
        } catch {
            ticksUntilRequest = Self.ticksBetweenRequests
            lastRefusal = error.advice
            throw error
        }
    }

    private var lastRefusal = ""
}
