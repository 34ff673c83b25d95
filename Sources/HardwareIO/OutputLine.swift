// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A GPIO line, named by the chip's label and the line's kernel name or offset; never by a number that boots can change.
public struct LineAddress: Sendable, Hashable, CustomStringConvertible {
    /// How the line is named on its chip.
    public enum Line: Sendable, Hashable {
        /// The kernel's name of the line, for example `GPIO17`.
        case name(String)
        /// The offset on the chip, where the board gives its lines no names.
        case offset(Int)
    }

    /// The chip's label, for example `pinctrl-bcm2711`.
    public var chip: String
    /// The line on that chip.
    public var line: Line

    /// Names a line.
    public init(chip: String, line: Line) {
        self.chip = chip
        self.line = line
    }

    /// The text that people read.
    public var description: String {
        switch line {
        case .name(let name): "line \(name) of \(chip)"
        case .offset(let offset): "line \(offset) of \(chip)"
        }
    }
}

/// How a line is driven from the first moment on.
public struct LineUse: Sendable, Hashable {
    /// Whether the load is on when the level is low; given to the kernel as a flag.
    public var activeLow: Bool
    /// The name that other programs see as the line's holder.
    public var consumer: String

    /// Describes the use of a line; it starts inactive.
    public init(activeLow: Bool, consumer: String) {
        self.activeLow = activeLow
        self.consumer = consumer
    }
}

/// A line held as an output.
///
/// It is released when the object goes away. Not `Sendable`.
public protocol OutputLine: AnyObject {
    /// Drives the line; active is a logical value.
    func set(active: Bool) throws(BusError)
    /// Reads the logical value back from the line.
    func isActive() throws(BusError) -> Bool
}
