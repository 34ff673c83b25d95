// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A machine that no board file describes, and what its owner can do.
package struct UnknownBoard: Sendable, Hashable {
    /// What the machine says of itself.
    package var machine: MachineIdentity
    /// The names of the boards that are known.
    package var known: [String]
    /// The folders where they were looked for.
    package var folders: [String]

    /// Makes it from its parts.
    package init(machine: MachineIdentity, known: [String], folders: [String] = []) {
        self.machine = machine
        self.known = known
        self.folders = folders
    }

    /// What is wrong, a full sentence.
    package var problem: String {
        if machine.isARMv6 {
            return "This machine (\(shownMachine)) has an ARMv6 processor, like all Raspberry Pi 1, Zero and "
                + "Zero W. It is not supported: there is no Swift for ARMv6."
        }
        return "This machine (\(shownMachine)) is no known board."
    }

    /// What to do next.
    package var advice: String {
        if machine.isARMv6 { return "Use a Raspberry Pi Zero 2 W or a later model." }
        if known.isEmpty { return Self.noFiles(folders) }
        return "\(Self.list(known)) \(Self.adviceBesidesList)"
    }

    /// What to say where there is not one board file.
    package static func noFiles(_ folders: [String]) -> String {
        let places = folders.isEmpty ? "" : " in \(folders.joined(separator: ", "))"
        return "No board files were found\(places). Run this in the folder of the sources, or name one by "
            + "--board-file or board.file."
    }

    /// What to do where the list is seen already.
    package static let adviceBesidesList =
        "Choose one by --board NAME or board.name, or write a file for this one, as boards/README.md tells, "
        + "and name it by --board-file or board.file."

    /// The error to report where something needs the board.
    package var error: ConfigurationError {
        ConfigurationError(
            .unknownName, at: .default, path: "board.name", problem: problem, advice: advice)
    }

    /// The known boards in one sentence.
    static func list(_ known: [String]) -> String { "Known boards: \(known.joined(separator: ", "))." }

    private var shownMachine: String {
        if !machine.compatible.isEmpty {
            return machine.compatible.map { printable($0) }.joined(separator: ", ")
        }
        if let product = machine.dmiProduct { return "\"\(printable(product))\"" }
        return "it has neither a device tree nor a product name"
    }
}

extension BoardDescription {
    /// Stands for a machine that no board file describes: it has no bus, so adapters must be named themselves.
    package static func unknown(_ unknown: UnknownBoard) -> BoardDescription {
        BoardDescription(name: "an unknown board", unknown: unknown)
    }
}

extension ConfigurationError {
    /// There is no board file called `name` in the folders where the program looks.
    package static func unknownBoard(
        _ name: String, at origin: ConfigurationOrigin, path: KeyPathText = "board.name", known: [String],
        folders: [String]
    ) -> ConfigurationError {
        let near = Spelling.nearest(to: name, among: known).map { " Did you mean \"\($0)\"?" } ?? ""
        let advice = known.isEmpty ? UnknownBoard.noFiles(folders) : UnknownBoard.list(known)
        return ConfigurationError(
            .unknownName, at: origin, path: path,
            problem: "There is no board \"\(printable(name))\".\(near)", advice: advice)
    }
}
