// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import LinuxHost

/// One board with the file that describes it.
struct KnownBoard {
    /// The file's name without `.toml`, as in `board.name`.
    var name: String
    /// The file's path.
    var file: String
    /// What the file says.
    var description: BoardDescription
}

/// Finds the description of the board that the program runs on.
struct Boards {
    /// The folders where board files are looked for, best first.
    let folders: [String]

    /// Looks beside the program, as installed by a package, in the working directory, and in the checkout that the
    /// program was built in.
    init(programPath: String?) {
        var folders = ["/usr/share/sensor-agent/boards", "boards"]
        let parts = programPath?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        if !parts.isEmpty {
            folders.insert("\(parts.dropLast().joined(separator: "/"))/../share/sensor-agent/boards", at: 0)
        }
        if let build = parts.lastIndex(of: ".build") {
            folders.append((parts[..<build] + ["boards"]).joined(separator: "/"))
        }
        self.folders = folders
    }

    /// The board that the configuration names, else the one that the machine is, else one that stands for no board.
    func choose(_ configuration: AgentConfiguration) throws(ConfigurationErrors) -> BoardDescription {
        if let file = configuration.board.file { return try load(file) }
        if let name = configuration.board.name {
            return try named(name, at: configuration.origin(of: "board.name")).description
        }
        let machine = MachineIdentity.ofThisMachine(sysfsRoot: configuration.host.sysfsRoot)
        if let board = detected(machine) { return board.description }
        return .unknown(UnknownBoard(machine: machine, known: names, folders: folders))
    }

    /// The names of all boards, sorted.
    var names: [String] { files.map(\.name) }

    /// The board that `machine` is; a file that cannot be read is passed over.
    func detected(_ machine: MachineIdentity) -> KnownBoard? {
        let boards = files.compactMap { name, file in
            (try? load(file)).map { KnownBoard(name: name, file: file, description: $0) }
        }
        let match = BoardDescription.matching(machine, among: boards.map(\.description))
        return boards.first { $0.description == match }
    }

    /// All boards, sorted by name; throws what is wrong with any of the files.
    func all() throws(ConfigurationErrors) -> [KnownBoard] {
        var boards: [KnownBoard] = []
        var errors: [ConfigurationError] = []
        for (name, file) in files {
            do throws(ConfigurationErrors) {
                boards.append(KnownBoard(name: name, file: file, description: try load(file)))
            } catch {
                errors += error.errors
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return boards
    }

    /// The board of that name; `origin` is where the name is written.
    func named(
        _ name: String, at origin: ConfigurationOrigin, path: KeyPathText = "board.name"
    ) throws(ConfigurationErrors) -> KnownBoard {
        if let found = files.first(where: { $0.name == name }) {
            return KnownBoard(name: name, file: found.file, description: try load(found.file))
        }
        throw ConfigurationErrors([
            .unknownBoard(name, at: origin, path: path, known: names, folders: folders)
        ])
    }

    /// The description in a file.
    func load(_ file: String) throws(ConfigurationErrors) -> BoardDescription {
        try BoardDescription.parse(try bytes(of: file), file: file)
    }

    /// Name and path of every board file, sorted by name; the first folder that has a name counts.
    private var files: [(name: String, file: String)] {
        var found: [String: String] = [:]
        for file in folders.flatMap({ DiskFileReader.boardFiles(in: $0) }) {
            guard let name = file.split(separator: "/").last.map({ String($0.dropLast(5)) }) else { continue }
            found[name] = found[name] ?? file
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func bytes(of file: String) throws(ConfigurationErrors) -> [UInt8] {
        do throws(FileReadFailure) {
            return try DiskFileReader().read(file)
        } catch {
            throw ConfigurationErrors([
                ConfigurationError(
                    .unreadable, at: .file(file, line: 0), problem: "It cannot be read: \(error.reason).",
                    advice: "Name a board file that exists.")
            ])
        }
    }
}

extension MachineIdentity {
    /// What this machine says of itself, below another sysfs where `sysfsRoot` is not the usual one.
    static func ofThisMachine(sysfsRoot: String) -> MachineIdentity {
        let identity = sysfsRoot == "/sys" ? BoardIdentity.read() : BoardIdentity.read(sysfsRoot: sysfsRoot)
        return MachineIdentity(compatible: identity.compatible, dmiProduct: identity.productName)
    }
}
