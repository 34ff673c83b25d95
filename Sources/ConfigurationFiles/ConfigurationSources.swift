// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Everything a configuration is made of, besides the file's bytes.
package struct ConfigurationSources: Sendable {
    /// One value given on the command line.
    package struct Override: Sendable {
        /// The key, for example `telemetry.interval`.
        package var path: KeyPathText
        /// The value as text, read by the same rules as an environment variable.
        package var value: String
        /// The flag as the person wrote it, for error texts.
        package var flag: String

        /// Makes an override from its parts.
        package init(path: KeyPathText, value: String, flag: String) {
            self.path = path
            self.value = value
            self.flag = flag
        }
    }

    /// The file of `--config`; `nil` to look in the standard places.
    package var configFile: String?
    /// Values of flags; the later one wins where a key comes twice.
    package var overrides: [Override]
    /// The process's environment.
    package var environment: [String: String]
    /// `SENSOR_AGENT_*` variables that belong to others and are passed over.
    package var ignoredVariables: Set<String>
    /// The drivers that the program has.
    package var drivers: [KnownDriver]

    /// Makes sources from their parts.
    package init(
        configFile: String? = nil, overrides: [Override] = [], environment: [String: String] = [:],
        ignoredVariables: Set<String> = [
            "SENSOR_AGENT_REQUIRE_ALL", "SENSOR_AGENT_BINARY", "SENSOR_AGENT_TEST_OUTPUT",
        ],
        drivers: [KnownDriver]
    ) {
        self.configFile = configFile
        self.overrides = overrides
        self.environment = environment
        self.ignoredVariables = ignoredVariables
        self.drivers = drivers
    }
}

/// Why a file could not be read.
package enum FileReadFailure: Error, Sendable, Hashable {
    /// No such file. C: `ENOENT`, `ENOTDIR`.
    case notFound
    /// Access denied. C: `EACCES`, `EPERM`.
    case permission
    /// It is a folder. C: `EISDIR`.
    case isDirectory
    /// More bytes than the reader takes.
    case tooLarge
    /// Anything else, with the system's words.
    case other(String)
}

/// Reads whole files; the disk in the program, a dictionary in tests.
package protocol ConfigurationFileReader: Sendable {
    /// The file's bytes.
    func read(_ path: String) throws(FileReadFailure) -> [UInt8]
    /// The file's bytes, and who else could read them.
    func contents(of path: String) throws(FileReadFailure) -> FileContents
}
