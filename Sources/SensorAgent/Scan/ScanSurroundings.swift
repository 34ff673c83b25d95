// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles

/// What a scan has to know of the machine: where its buses are and what its board calls them.
struct ScanSurroundings {
    /// Where the kernel's trees are.
    var host: HostConfiguration
    /// The board; `nil` where the machine is none that is known.
    var board: BoardDescription?

    /// Reads the configuration for it; ends the program with what is wrong.
    ///
    /// A scan comes before a complete configuration, so a file that cannot be used is told and passed over.
    static func find(_ board: BoardOption) -> ScanSurroundings {
        do throws(ConfigurationErrors) {
            let configuration = try configuration(board)
            let board = try Boards(programPath: Environment.programPath).choose(configuration)
            return ScanSurroundings(host: configuration.host, board: board.unknown == nil ? board : nil)
        } catch {
            ExitStatus.configuration.end("\(error)")
        }
    }

    private static func configuration(_ board: BoardOption) throws(ConfigurationErrors) -> AgentConfiguration
    {
        let environment = Environment.all
        do throws(ConfigurationErrors) {
            return try AgentConfiguration.load(
                ConfigurationSources(
                    overrides: board.overrides, environment: environment, drivers: KnownDriver.all),
                files: DiskFileReader())
        } catch {
            let needed = environment.filter { name, _ in
                ["SENSOR_AGENT_HOST_", "SENSOR_AGENT_BOARD_"].contains { name.hasPrefix($0) }
            }
            let alone = try AgentConfiguration.load(
                ConfigurationSources(
                    overrides: board.overrides, environment: needed, drivers: KnownDriver.all),
                files: NoFiles())
            StandardError.write("Scanning without the configuration, which cannot be used:\n\(error)")
            return alone
        }
    }

    /// A disk without any file on it.
    private struct NoFiles: ConfigurationFileReader {
        func read(_ path: String) throws(FileReadFailure) -> [UInt8] { throw .notFound }
    }
}
