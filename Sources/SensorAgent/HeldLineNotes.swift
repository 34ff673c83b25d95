// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import HardwareIO
import LinuxHost
import Logging
import PlugAndPlay

/// The notes of the lines that agents hold, in runtime directories, which are in memory: no disk has to answer for them.
struct HeldLineNotes: Sendable {
    private let directories: [String]
    private let bootID: String?

    /// The notes where this environment says that an agent's runtime directory is.
    init(environment: [String: String]) {
        directories = StandardDirectories.runtimeCandidates(environment: environment)
        // The kernel's own, whose lines they are, whatever the configuration says of /proc.
        bootID = BootID.read()
    }

    /// The machine with each line noted in the first directory when it is had.
    ///
    /// A note that cannot be written is said, and the line driven all the same.
    func noting(_ hardware: any Hardware, log: Logger) -> NotedHardware {
        NotedHardware(hardware) { line, use in
            do throws(HostError) {
                try note(HeldLine(line: line, use: use, bootID: bootID))
            } catch {
                log.warning(
                    """
                    That \(line) is held could not be noted: after a crash `sensor-agent relay off` knows it from agent.toml \
                    alone. \(error)
                    """)
            }
        }
    }

    private func note(_ held: HeldLine) throws(HostError) {
        guard let directory = directories.first else { return }
        // As the local socket makes it, which comes later.
        if directory.hasPrefix("/"), mkdir(directory, 0o750) == 0 { chmod(directory, 0o750) }
        do throws(HostError) {
            try NoteFile(directory: directory, name: HeldLine.fileName(of: held.line)).write(held.text)
        } catch {
            var error = error
            error.advice = "Give the agent a runtime directory that it can write to (RUNTIME_DIRECTORY)."
            throw error
        }
    }

    /// The lines of this boot that are noted and nobody has confirmed off since, and what is wrong with other notes.
    func read() -> (lines: [HeldLine], problems: [String]) { read(directories) }

    private func read(_ directories: [String]) -> (lines: [HeldLine], problems: [String]) {
        var lines: [HeldLine] = []
        var problems: [String] = []
        for directory in directories {
            for name in DiskFileReader.files(in: directory, HeldLine.prefix, HeldLine.suffix) {
                do throws(HostError) {
                    // One that has gone meanwhile is of a line that is off.
                    guard let bytes = try DurableFile("\(directory)/\(name)").read() else { continue }
                    guard let held = HeldLine(parsing: bytes), HeldLine.fileName(of: held.line) == name else {
                        problems.append(Self.damaged(directory, name))
                        continue
                    }
                    guard !held.isGone(in: bootID), !lines.contains(where: { $0.line == held.line }) else {
                        continue
                    }
                    lines.append(held)
                } catch {
                    problems.append(
                        """
                        Which line an agent held is not known: \(error.operation) on \(directory)/\(name): \
                        \(String(cString: strerror(error.errno))). Run `sensor-agent relay off` as root or as the agent's user.
                        """)
                }
            }
        }
        return (lines, problems)
    }

    private static func damaged(_ directory: String, _ name: String) -> String {
        """
        \(directory)/\(name) is damaged: an agent held a line that is not known. See that every relay is off, then remove \
        the file.
        """
    }

    /// Switches off what an agent that did not end in order held, and none of `stations` has now.
    func switchOffLeft(
        by stations: [ThermostatID: ControlLoop.StationSetup], on hardware: any Hardware, log: Logger
    ) {
        var (left, problems) = read(Array(directories.prefix(1)))
        left.removeAll { held in
            stations.values.contains { $0.relay?.isReal == true && $0.relay?.line == held.line }
        }
        let outcomes = RelayShutOff.run(HeldLine.merged([], with: left), on: hardware) { remove($0.line) }
        // Another agent may run and have such a line: then it is told as busy.
        for sentence in problems + outcomes.map(RelayOffSheet.sentence) {
            log.warning("An agent before this one had a relay: \(sentence)")
        }
    }

    /// Forgets a line that is off.
    func remove(_ line: LineAddress) {
        for directory in directories { unlink("\(directory)/\(HeldLine.fileName(of: line))") }
    }
}
