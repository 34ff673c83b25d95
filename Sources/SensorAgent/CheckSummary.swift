// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import IoTHub
import Quantities

/// What a configuration without mistakes means, for people.
final class CheckSummary {
    private let configuration: AgentConfiguration
    private let board: BoardDescription
    private let stateDirectory: String

    init(configuration: AgentConfiguration, board: BoardDescription, stateDirectory: String) {
        self.configuration = configuration
        self.board = board
        self.stateDirectory = stateDirectory
    }

    /// The whole summary; no secret is in it.
    var text: String {
        // Step by step: Swift 6.2 takes too long for the sum of these lists.
        var rows: [[String]] = [
            ["Configuration:", configuration.file ?? "no agent.toml; flags, environment and defaults"],
            ["Board:", boardText],
            ["Hub:", configuration.hub?.summary ?? Self.noHub],
        ]
        rows += identityRows
        rows.append(["Telemetry:", "every \(DurationText.text(configuration.telemetry.interval))"])
        rows += messages
        rows.append(["State:", stateDirectory])
        let end = "No mistakes. Nothing was opened: whether the chips and the hub answer is not checked."
        return [TextLayout.table(rows, indent: 0), sensors, thermostats, end].joined(separator: "\n\n")
    }

    private var messages: [[String]] {
        configuration.hub == nil ? [] : [["Messages:", DailyMessages(configuration).text]]
    }

    /// Whose certificate it is, until when it is valid, and through which proxy; nothing where there is neither.
    private var identityRows: [[String]] {
        let certificate = CertificateCheck(configuration: configuration).facts.map { facts in
            let chain = facts.intermediates == 0 ? "" : ", with \(facts.intermediates) more in the file"
            let name = facts.commonName ?? "no name"
            return ["Certificate:", "for \(name), valid until \(facts.notAfter.rfc3339.prefix(10))\(chain)"]
        }
        let proxy = configuration.hub?.proxy.map { proxy in
            let logIn = proxy.user == nil ? "" : ", with a log-in"
            return ["Proxy:", "SOCKS5 at \(proxy.address), which resolves the names\(logIn)"]
        }
        return [certificate, proxy].compactMap(\.self)
    }

    private static let noHub =
        "none. `run` needs one: set [hub], or start `local-hub serve` and take over what it prints."

    private var boardText: String {
        if let unknown = board.unknown { return "\(unknown.problem) Nothing here needs one." }
        let origin = [("board.file", configuration.board.file), ("board.name", configuration.board.name)]
            .first { $0.1 != nil }
        return origin.map { "\(board.name), by \($0.0) (\(configuration.origin(of: $0.0)))" }
            ?? "\(board.name), detected"
    }

    private var sensors: String {
        guard !configuration.sensors.isEmpty else {
            return "Sensors: none, so `run` uses two simulated ones and marks every message."
        }
        let rows = configuration.sensors.map { [$0.name.description, $0.driver, details(of: $0)] }
        return "Sensors\n\(TextLayout.table(rows))"
    }

    private func details(of sensor: SensorConfiguration) -> String {
        var parts = [place(of: sensor)]
        parts.append("every \(DurationText.text(configuration.samplingInterval(of: sensor)))")
        if sensor.offset != 0 { parts.append("offset \(sensor.offset) °C") }
        if sensor.whenHeld == .kernel { parts.append("by the kernel driver where one holds the chip") }
        if let fallback = sensor.fallback { parts.append("\(fallback.rawValue) where the chip is absent") }
        return parts.joined(separator: ", ")
    }

    private func place(of sensor: SensorConfiguration) -> String {
        switch sensor.place {
        case .oneWire(let id): return "1-Wire \(id)"
        case .i2c(let bus, let address): return chip(bus, address)
        case .hwmon(let device): return "hwmon\(text(of: device))"
        case .iio(let device): return "IIO\(text(of: device))"
        case .thermalZone(let type): return "thermal zone \(type)"
        }
    }

    private func text(of device: SensorConfiguration.KernelDevice) -> String {
        let parts = [
            device.name.map { "\"\($0)\"" }, device.chip.map { "of " + chip($0.bus, $0.address) },
            device.channel.map { "channel \($0)" },
        ]
        return parts.compactMap(\.self).map { " " + $0 }.joined()
    }

    private func chip(_ bus: BusReference, _ address: UInt8) -> String {
        let location = board.location(of: bus).map { "\($0)" } ?? "\(bus)"
        let shown = "\(bus)" == location ? location : "\(bus) = \(location)"
        return "bus \(shown) address 0x\(String(address, radix: 16))"
    }

    private var thermostats: String {
        let lines = try? configuration.relayLines(on: board)
        let rows = [
            ("thermostat1", configuration.thermostat1, lines?.first),
            ("thermostat2", configuration.thermostat2, lines?.second),
        ].flatMap { name, thermostat, line in
            [[name, sensors(of: thermostat)]] + relayRows(thermostat, line).map { ["", $0] }
        }
        return "Thermostats\n\(TextLayout.table(rows))"
    }

    private func sensors(of thermostat: ThermostatConfiguration) -> String {
        guard let sensor = thermostat.sensor else {
            return configuration.sensors.isEmpty
                ? "a simulated sensor" : "no sensor: nothing is sent for it"
        }
        guard let second = thermostat.secondSensor else { return "\(sensor)" }
        return
            "\(sensor), checked by \(second), \(RelayText.number(thermostat.largestDifference)) K apart at most"
    }

    /// What is known of a thermostat's relay; nothing where it has none.
    private func relayRows(_ thermostat: ThermostatConfiguration, _ line: ResolvedLine?) -> [String] {
        guard let relay = thermostat.relay else { return [] }
        let text = RelayText(thermostat: thermostat, relay: relay, line: line)
        return ["relay on \(text.place), \(reality)", text.terms] + text.warnings
    }

    /// Whether lines will be driven, or why not.
    private var reality: String {
        if configuration.sensors.isEmpty { return "simulated like the sensors" }
        return configuration.outputs.enabled ? "real" : "simulated until outputs.enabled = true"
    }
}
