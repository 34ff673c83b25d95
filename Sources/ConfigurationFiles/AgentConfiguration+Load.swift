// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension AgentConfiguration {
    /// Reads and checks everything, or throws all that is wrong with it at once.
    ///
    /// Precedence: flags, `SENSOR_AGENT_*`, `IOTHUB_*`, systemd's credentials, file, `SSL_CERT_FILE`, default. Without `configFile`, the first
    /// of ``StandardDirectories/configurationFiles(environment:)`` that exists is read; none is no error.
    package static func load(
        _ sources: ConfigurationSources, files: some ConfigurationFileReader
    ) throws(ConfigurationErrors) -> AgentConfiguration {
        let examination = examine(sources, files: files)
        guard examination.errors.isEmpty else { throw ConfigurationErrors(examination.errors) }
        return examination.configuration
    }

    /// Reads and checks everything like ``load(_:files:)``, and hands over what was understood besides what is wrong.
    package static func examine(
        _ sources: ConfigurationSources, files: some ConfigurationFileReader
    ) -> ConfigurationExamination {
        var layers = Layers()
        var document: TOMLDocument?
        var access: FileAccess?
        do throws(ConfigurationErrors) {
            (document, access) = try findDocument(sources, files) ?? (nil, nil)
        } catch {
            layers.errors = error.errors
        }
        let isFileRefused = !layers.errors.isEmpty
        layers.add(sources, document: document)
        let readFile: (String) -> Result<FileContents, FileReadFailure> = { path in
            do throws(FileReadFailure) { return .success(try files.contents(of: path)) } catch {
                return .failure(error)
            }
        }
        layers.addCredentials(
            in: StandardDirectories.credentials(environment: sources.environment), readFile)
        // Without the file, what is missing in it cannot be told from what is missing.
        if isFileRefused {
            return ConfigurationExamination(
                configuration: AgentConfiguration(), errors: layers.errors, isComplete: false, layers: layers)
        }
        var assembly = Assembly(
            layers: layers, document: document,
            secretFiles: SecretFileRule(environment: sources.environment), readFile: readFile)
        let configuration = assembly.configuration(drivers: sources.drivers)
        assembly.refuseExposedFile(access)
        return ConfigurationExamination(
            configuration: configuration, errors: assembly.layers.errors, isComplete: true,
            layers: assembly.layers)
    }

    private static func findDocument(
        _ sources: ConfigurationSources, _ files: some ConfigurationFileReader
    ) throws(ConfigurationErrors) -> (TOMLDocument, FileAccess?)? {
        if let file = sources.configFile { return try read(file, files, mayBeAbsent: false) }
        for file in StandardDirectories.configurationFiles(environment: sources.environment) {
            if let document = try read(file, files, mayBeAbsent: true) { return document }
        }
        return nil
    }

    private static func read(
        _ file: String, _ files: some ConfigurationFileReader, mayBeAbsent: Bool
    ) throws(ConfigurationErrors) -> (TOMLDocument, FileAccess?)? {
        let contents: FileContents
        do throws(FileReadFailure) {
            contents = try files.contents(of: file)
        } catch {
            if mayBeAbsent, error == .notFound { return nil }
            throw ConfigurationErrors([.unreadable(file, error)])
        }
        return (try TOMLDocument(contents.bytes, file: file), contents.access)
    }

    /// The time between two conversions of `sensor`: its own, else the telemetry interval, at most 8 s.
    package func samplingInterval(of sensor: SensorConfiguration) -> Duration {
        sensor.interval ?? min(telemetry.interval, .seconds(8))
    }

    /// The places of the buses that sensors name, on `board`, or throws every `bus` that the board does not have.
    package func i2cLocations(
        on board: BoardDescription
    ) throws(ConfigurationErrors) -> [SensorName: I2CBusLocation] {
        var locations: [SensorName: I2CBusLocation] = [:]
        var uses: [BusUse] = []
        for sensor in sensors {
            guard let bus = sensor.place.bus else { continue }
            let path = "sensors.\(sensor.name).bus"
            locations[sensor.name] = board.location(of: bus)
            uses.append(BusUse(path: path, bus: bus, origin: origin(of: path)))
        }
        let errors = BusUse.errors(of: uses, on: board)
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
