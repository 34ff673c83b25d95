// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles

/// Files in memory.
struct MemoryFiles: ConfigurationFileReader {
    var contents: [String: String] = [:]
    var failures: [String: FileReadFailure] = [:]
    var access: [String: FileAccess] = [:]

    func read(_ path: String) throws(FileReadFailure) -> [UInt8] {
        if let failure = failures[path] { throw failure }
        guard let text = contents[path] else { throw .notFound }
        return Array(text.utf8)
    }

    func contents(of path: String) throws(FileReadFailure) -> FileContents {
        FileContents(bytes: try read(path), access: access[path])
    }
}

let testDrivers = [
    KnownDriver(name: "tmp102", connection: .i2c(addresses: [0x48, 0x49, 0x4A, 0x4B])),
    KnownDriver(name: "aht20", connection: .i2c(addresses: [0x38])),
    KnownDriver(name: "ds18b20", connection: .oneWire(families: ["28"])),
    KnownDriver(name: "hwmon", connection: .hwmon), KnownDriver(name: "iio", connection: .iio),
    KnownDriver(name: "thermal_zone", connection: .thermalZone),
]

/// Loads `toml` as `/c/agent.toml` with the test's drivers.
func load(
    _ toml: String?, environment: [String: String] = [:],
    overrides: [ConfigurationSources.Override] = [], files: [String: String] = [:]
) throws(ConfigurationErrors) -> AgentConfiguration {
    var memory = MemoryFiles(contents: files)
    if let toml { memory.contents["/c/agent.toml"] = toml }
    return try AgentConfiguration.load(
        ConfigurationSources(
            configFile: toml.map { _ in "/c/agent.toml" }, overrides: overrides, environment: environment,
            drivers: testDrivers), files: memory)
}

/// The lines that a person sees when `toml` is refused; empty where it is accepted.
func complaints(_ toml: String?, environment: [String: String] = [:], files: [String: String] = [:])
    -> [String]
{
    do throws(ConfigurationErrors) {
        _ = try load(toml, environment: environment, files: files)
        return []
    } catch {
        return error.errors.map(\.description)
    }
}
