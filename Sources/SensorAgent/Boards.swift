// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import LinuxHost

/// Finds the description of the board that the program runs on.
struct Boards {
    private let folders: [String]

    /// Looks beside the program, as installed by a package, and in the working directory of a checkout.
    init(programPath: String?) {
        var folders = ["/usr/share/sensor-agent/boards", "boards"]
        if let folder = programPath?.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        {
            folders.insert("\(folder)/../share/sensor-agent/boards", at: 0)
        }
        self.folders = folders
    }

    /// The board that the configuration names, else the one that the machine is; `nil` where none fits.
    func choose(_ configuration: BoardConfiguration) throws(ConfigurationErrors) -> BoardDescription? {
        if let file = configuration.file { return try load(file) }
        if let name = configuration.name { return try load(named: name) }
        let machine = BoardIdentity.read()
        let identity = MachineIdentity(compatible: machine.compatible, dmiProduct: machine.productName)
        return BoardDescription.matching(identity, among: all())
    }

    private func load(named name: String) throws(ConfigurationErrors) -> BoardDescription {
        let files = folders.flatMap { DiskFileReader.boardFiles(in: $0) }
        if let file = files.first(where: { $0.hasSuffix("/\(name).toml") }) { return try load(file) }
        let known = files.compactMap { $0.split(separator: "/").last?.dropLast(5) }.joined(separator: ", ")
        throw ConfigurationErrors([
            ConfigurationError(
                .unknownName, at: .default, path: "board.name", problem: "There is no board \"\(name)\".",
                advice: known.isEmpty
                    ? "No board files were found in \(folders.joined(separator: ", ")); name one by board.file."
                    : "Known boards: \(known).")
        ])
    }

    private func load(_ file: String) throws(ConfigurationErrors) -> BoardDescription {
        try BoardDescription.parse(try bytes(of: file), file: file)
    }

    private func bytes(of file: String) throws(ConfigurationErrors) -> [UInt8] {
        do throws(FileReadFailure) {
            return try DiskFileReader().read(file)
        } catch {
            throw ConfigurationErrors([
                ConfigurationError(
                    .unreadable, at: .file(file, line: 0), problem: "It cannot be read: \(error.reason).",
                    advice: "Name a board file that exists in board.file.")
            ])
        }
    }

    private func all() -> [BoardDescription] {
        folders.flatMap { DiskFileReader.boardFiles(in: $0) }.compactMap { try? load($0) }
    }
}
