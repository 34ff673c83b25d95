// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The facts of one board, from its file in `boards/`.
package struct BoardDescription: Sendable, Hashable {
    /// One connector of the board, for example the 40-pin header.
    package struct Connector: Sendable, Hashable {
        /// Its name in the file; a line at pin 11 of the connector `pin` is named `pin-11`.
        package var name: String
        /// Its name for people.
        package var title: String
        /// How many pins it has, counted from 1.
        package var pins: Int
        /// What is on the pins that are no line: supplies, grounds, analog inputs; by pin number.
        package var fixed: [Int: String]
        /// Where the facts come from.
        package var source: String
    }

    /// One I²C bus that the board brings out.
    package struct I2CBus: Sendable, Hashable {
        /// The name that `agent.toml` uses, for example `header`.
        package var name: String
        /// Where it is on the machine.
        package var location: I2CBusLocation
        /// The connector of ``pins``; `nil` where the board has only one.
        package var connector: String?
        /// The connector's pin numbers by signal (`sda`, `scl`); empty where there is no connector.
        package var pins: [String: Int]
        /// What to do to get it, for people; empty where nothing is needed.
        package var note: String
        /// Where the facts come from.
        package var source: String
    }

    /// The 1-Wire bus of the board.
    package struct OneWire: Sendable, Hashable {
        /// The connector's pin number of the data line; `nil` where there is no connector.
        package var pin: Int?
        /// What to do to get it, for people.
        package var note: String
        /// Where the facts come from.
        package var source: String
    }

    /// One GPIO line that the board brings out.
    package struct Line: Sendable, Hashable {
        /// How the line is named on its chip.
        package enum Identity: Sendable, Hashable {
            /// The kernel's name of the line, for example `GPIO17`.
            case name(String)
            /// The offset on the chip, where the board gives its lines no names.
            case offset(Int)
        }

        /// The name that `agent.toml` uses, for example `pin-11`.
        package var name: String
        /// The chip's label, for example `pinctrl-bcm2711`; `nil` where the kernel's name of the line alone must do.
        package var chip: String?
        /// The line on that chip.
        package var identity: Identity
        /// The maker's name of the pin, for example `GPIO17`; the kernel's name of the line where the file has none.
        package var signal: String
        /// Why the line must not drive a relay; `nil` where it may.
        package var unsafeReason: String?
        /// What else a person should know; empty where nothing.
        package var note: String
        /// Where the facts about this line come from; empty where ``BoardDescription/linesSource`` says it.
        package var source: String
    }

    /// The board's name for people.
    package var name: String
    /// The device-tree strings that name this board; empty where it is chosen by name only.
    package var compatible: [String] = []
    /// Substrings of the DMI product name that name this board.
    package var dmiProducts: [String] = []
    /// Where the names that choose the board come from; empty where nothing chooses it.
    package var source = ""
    /// The connectors, ordered by name.
    package var connectors: [Connector] = []
    /// The buses, ordered by name.
    package var i2c: [I2CBus] = []
    /// The 1-Wire bus, where the board brings one out.
    package var oneWire: OneWire?
    /// The lines, ordered by name.
    package var lines: [Line] = []
    /// Where the facts about all lines come from; empty where there are none.
    package var linesSource = ""
    /// Where the states of the lines at reset come from; empty where nobody says.
    package var resetSource = ""
    /// Why this stands for a board that is not known; `nil` for a board.
    package var unknown: UnknownBoard?

    /// The place of a bus as `agent.toml` names it; `nil` where the board has no bus of that name.
    package func location(of bus: BusReference) -> I2CBusLocation? {
        switch bus {
        case .location(let location): location
        case .board(let name): i2c.first { $0.name == name }?.location
        }
    }
}
