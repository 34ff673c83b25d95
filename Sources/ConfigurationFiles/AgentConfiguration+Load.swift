// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension AgentConfiguration {
    /// Reads and checks everything, or throws all that is wrong with it at once.
    ///
    /// Precedence: flags, `SENSOR_AGENT_*`, `IOTHUB_*`, file, `SSL_CERT_FILE`, default. Without `configFile`, the first
    /// of ``StandardDirectories/configurationFiles(environment:)`` that exists is read; none is no error.
    package static func load(
        _ sources: ConfigurationSources, files: some ConfigurationFileReader
    ) throws(ConfigurationErrors) -> AgentConfiguration {
        var layers = Layers()
        var document: TOMLDocument?
        do throws(ConfigurationErrors) {
            document = try findDocument(sources, files)
        } catch {
            layers.errors = error.errors
        }
        let isFileRefused = !layers.errors.isEmpty
        layers.add(sources, document: document)
        // Without the file, what is missing in it cannot be told from what is missing.
        if isFileRefused { throw ConfigurationErrors(layers.errors) }
        var assembly = Assembly(layers: layers, document: document) { path in
            do throws(FileReadFailure) { return .success(try files.read(path)) } catch {
                return .failure(error)
            }
        }
        let configuration = assembly.configuration(drivers: sources.drivers)
        guard assembly.layers.errors.isEmpty else { throw ConfigurationErrors(assembly.layers.errors) }
        return configuration
    }

    private static func findDocument(
        _ sources: ConfigurationSources, _ files: some ConfigurationFileReader
    ) throws(ConfigurationErrors) -> TOMLDocument? {
        if let file = sources.configFile {
            guard let document = try read(file, files, mayBeAbsent: false) else { return nil }
            return document
        }
        for file in StandardDirectories.configurationFiles(environment: sources.environment) {
            if let document = try read(file, files, mayBeAbsent: true) { return document }
        }
        return nil
    }

    private static func read(
        _ file: String, _ files: some ConfigurationFileReader, mayBeAbsent: Bool
    ) throws(ConfigurationErrors) -> TOMLDocument? {
        let bytes: [UInt8]
        do throws(FileReadFailure) {
            bytes = try files.read(file)
        } catch {
            if mayBeAbsent, error == .notFound { return nil }
            throw ConfigurationErrors([.unreadable(file, error)])
        }
        return try TOMLDocument(bytes, file: file)
    }

    /// The time between two conversions of `sensor`: its own, else the telemetry interval, at most 8 s.
    package func samplingInterval(of sensor: SensorConfiguration) -> Duration {
        sensor.interval ?? min(telemetry.interval, .seconds(8))
    }

    /// Throws where `board.name` is none of `names`, the shipped board files without `.toml`.
    package func checkBoardName(among names: [String]) throws(ConfigurationErrors) {
        guard let name = board.name, !names.contains(name) else { return }
        let advice = Spelling.advice(for: name, among: names)
        throw ConfigurationErrors([
            ConfigurationError(
                .unknownName, at: origin(of: "board.name"), path: "board.name",
                problem: "There is no board file \"\(name)\".",
                advice: advice.isEmpty ? "Name a file of your own by board.file." : advice)
        ])
    }

    /// The places of the buses that sensors name, on `board`, or throws every `bus` that the board does not have.
    package func i2cLocations(
        on board: BoardDescription
    ) throws(ConfigurationErrors) -> [SensorName: I2CBusLocation] {
        var locations: [SensorName: I2CBusLocation] = [:]
        var errors: [ConfigurationError] = []
        for sensor in sensors {
            guard let bus = sensor.place.bus else { continue }
            let path = "sensors.\(sensor.name).bus"
            locations[sensor.name] = board.location(of: bus)
            if locations[sensor.name] == nil {
                let advice = Spelling.advice(for: bus.description, among: board.i2c.map(\.name))
                errors.append(
                    ConfigurationError(
                        .unknownName, at: origin(of: path), path: path,
                        problem: "\(board.name) has no I²C bus \"\(bus)\".",
                        advice: advice.isEmpty ? "Name the adapter: \"adapter:NAME\"." : advice))
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return locations
    }
}

extension ConfigurationError {
    static func unreadable(_ file: String, _ failure: FileReadFailure) -> ConfigurationError {
        ConfigurationError(
            .unreadable, at: .file(file, line: 0), problem: "It cannot be read: \(failure.reason).",
            advice: failure.advice)
    }
}
