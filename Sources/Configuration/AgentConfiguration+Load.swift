// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension AgentConfiguration {
    /// Reads and checks everything, or throws all that is wrong with it at once.
    ///
    /// Precedence: flags, `SENSOR_AGENT_*`, `IOTHUB_*`, file, `SSL_CERT_FILE`, default. Without `configFile`, the first
    /// of ``StandardDirectories/configurationFiles(environment:)`` that exists is read; none is no error.
    package static func load(
        _ sources: ConfigurationSources, files: some ConfigurationFileReader
    ) throws(ConfigurationErrors) -> AgentConfiguration {
        AgentConfiguration()
    }
}

extension BoardDescription {
    /// Reads and checks a board file, or throws all that is wrong with it at once.
    package static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationErrors) -> BoardDescription
    {
        throw ConfigurationErrors([])
    }
}
