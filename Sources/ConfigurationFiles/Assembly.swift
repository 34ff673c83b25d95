// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Secrets

/// Puts checked values together into a configuration and checks what concerns several keys.
struct Assembly {
    var layers: Layers
    let document: TOMLDocument?
    let secretFiles: SecretFileRule
    let readFile: (String) -> Result<FileContents, FileReadFailure>

    mutating func configuration(drivers: [KnownDriver]) -> AgentConfiguration {
        var configuration = AgentConfiguration()
        configuration.hub = hub()
        configuration.sensors = sensors(drivers)
        configuration.outputs.enabled = boolean("outputs.enabled") ?? configuration.outputs.enabled
        configuration.thermostat1 = thermostat("thermostat1", in: configuration)
        configuration.thermostat2 = thermostat("thermostat2", in: configuration)
        refuseSharedLine()
        configuration.clock.syncWait = duration("clock.sync-wait") ?? configuration.clock.syncWait
        configuration.reboot = reboot()
        configuration.device.serialNumber = text("device.serial-number")
        if let board = choose("board.file", "board.name"), case .text(let text) = board.value.value {
            configuration.board = board.path.hasSuffix("file") ? .init(file: text) : .init(name: text)
        }
        telemetryAndStore(&configuration)
        let level = text("log.level").flatMap(LogConfiguration.Level.init)
        configuration.log.level = level ?? configuration.log.level
        configuration.host.sysfsRoot = text("host.sysfs-root") ?? configuration.host.sysfsRoot
        configuration.host.deviceRoot = text("host.device-root") ?? configuration.host.deviceRoot
        configuration.host.procRoot = text("host.proc-root") ?? configuration.host.procRoot
        configuration.file = document?.file
        configuration.settings = settings()
        return configuration
    }

    private func telemetryAndStore(_ configuration: inout AgentConfiguration) {
        let telemetry = configuration.telemetry
        configuration.telemetry.interval = duration("telemetry.interval") ?? telemetry.interval
        configuration.telemetry.replayRate = number("telemetry.replay-rate") ?? telemetry.replayRate
        let store = configuration.store
        configuration.store.directory = text("store.directory")
        configuration.store.syncInterval = duration("store.sync-interval") ?? store.syncInterval
        configuration.store.maximumMegabytes = count("store.max-megabytes") ?? store.maximumMegabytes
        configuration.store.maximumAge = duration("store.max-age") ?? store.maximumAge
    }

    private func settings() -> [EffectiveSetting] {
        let set = layers.values.keys.compactMap { path -> EffectiveSetting? in
            layers.best(path).map {
                EffectiveSetting(path: pathText(path), value: $0.value.shown, origin: $0.origin)
            }
        }
        let defaults = ConfigurationKey.all.compactMap { key -> EffectiveSetting? in
            guard let value = key.defaultText, !key.path.contains("*"), layers.best(key.path) == nil else {
                return nil
            }
            return EffectiveSetting(path: key.pathText, value: value, origin: .default)
        }
        return (set + defaults).sorted { $0.path < $1.path }
    }
}

extension Assembly {
    func best(_ path: String) -> LayeredValue? {
        layers.best(path.split(separator: ".").map(String.init))
    }

    func text(_ path: String) -> String? {
        guard case .text(let text) = best(path)?.value else { return nil }
        return text
    }

    func duration(_ path: String) -> Duration? {
        guard case .duration(let duration) = best(path)?.value else { return nil }
        return duration
    }

    func number(_ path: String) -> Double? {
        guard case .number(let number) = best(path)?.value else { return nil }
        return number
    }

    func count(_ path: String) -> Int? {
        guard case .count(let count) = best(path)?.value else { return nil }
        return count
    }

    func boolean(_ path: String) -> Bool? {
        guard case .boolean(let boolean) = best(path)?.value else { return nil }
        return boolean
    }

    /// Of keys that exclude one another, the one of the highest layer; two in the same layer are an error.
    mutating func choose(_ paths: String...) -> (path: String, value: LayeredValue)? {
        let found = paths.compactMap { path in best(path).map { (path: path, value: $0) } }
        guard let top = found.max(by: { $0.value.layer < $1.value.layer }) else { return nil }
        let rivals = found.filter { $0.value.layer == top.value.layer && $0.path != top.path }
        if let rival = rivals.last {
            fail(
                .conflict, at: rival.value.origin, rival.path,
                "\(top.path) is set too, at \(top.value.origin).", "Keep one of them.")
        }
        return top
    }

    mutating func fail(
        _ kind: ConfigurationError.Kind, at origin: ConfigurationOrigin, _ path: String, _ problem: String,
        _ advice: String = ""
    ) {
        layers.errors.append(
            ConfigurationError(kind, at: origin, path: path, problem: problem, advice: advice))
    }

    /// Reports a needed key that is nowhere; not where it is there but wrong, which is reported already.
    mutating func missing(_ path: String, at origin: ConfigurationOrigin) {
        let isReported = layers.errors.contains { $0.path == path }
        guard !isReported else { return }
        let parts = path.split(separator: ".").map(String.init)
        let key = ConfigurationKey.all.first { $0.matches(parts) }
        let variables = [key?.sampleVariable, ConfigurationKey.variable(parts)].compactMap(\.self)
        let section = parts.dropLast().joined(separator: ".")
        fail(
            .missing, at: origin, path, "It is not set.",
            "Set \(parts.last ?? "") in [\(section)], or \(variables.joined(separator: " or ")).")
    }
}
