// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import LinuxIO
import PlugAndPlay
import Quantities
import Simulation

/// Turns the configured thermostats and relays into what the control loop gets.
struct ThermostatResolution: Sendable {
    /// The thermostats of the model.
    var stations: [ThermostatID: ControlLoop.StationSetup]
    /// What the operator should read at the start.
    var remarks: [Remark]

    /// One sentence or more of the log.
    struct Remark: Sendable, Hashable {
        var isWarning: Bool
        var text: String
    }

    /// What both thermostats are resolved from.
    private let configuration: AgentConfiguration
    private let sensors: SensorResolution

    /// The thermostats on the machine that the program runs on; throws what its board does not have.
    static func onThisMachine(
        _ configuration: AgentConfiguration, sensors: SensorResolution
    ) throws(ConfigurationErrors) -> ThermostatResolution {
        let relays = [configuration.thermostat1.relay, configuration.thermostat2.relay].compactMap(\.self)
        // Simulated rooms need no board, and a thermostat without relay neither.
        guard !sensors.isSimulated, !relays.isEmpty else {
            return ThermostatResolution(configuration, sensors, (nil, nil))
        }
        let board = try Boards(programPath: Environment.programPath).choose(configuration)
        return ThermostatResolution(configuration, sensors, try configuration.relayLines(on: board))
    }

    private init(
        _ configuration: AgentConfiguration, _ sensors: SensorResolution,
        _ lines: (first: ResolvedLine?, second: ResolvedLine?)
    ) {
        self.configuration = configuration
        self.sensors = sensors
        stations = [:]
        remarks = []
        add(.thermostat1, configuration.thermostat1, sensors.thermostats[.first], lines.first, room: 0)
        add(.thermostat2, configuration.thermostat2, sensors.thermostats[.second], lines.second, room: 1)
    }

    /// The name under which the store remembers a thermostat.
    ///
    /// What a simulated relay did proves nothing of a real one: not how long it is off, how worn it is, which mode it
    /// should have.
    func memoryName(of id: ThermostatID) -> String {
        let isTrial = sensors.isSimulated || stations[id]?.relay?.isReal == false
        return isTrial ? "\(id) simulated" : "\(id)"
    }

    private mutating func add(
        _ id: ThermostatID, _ thermostat: ThermostatConfiguration, _ sensor: SensorName?,
        _ line: ResolvedLine?, room: Int
    ) {
        // The simulated rooms have one thermometer each, so that none checks another.
        let second = sensors.isSimulated ? nil : thermostat.secondSensor
        let isReal = configuration.outputs.enabled && !sensors.isSimulated
        var thermostat = thermostat
        let period = period(of: sensor)
        if sensors.isSimulated, let age = thermostat.maximumAge, age <= period { thermostat.maximumAge = nil }
        let address = line?.address ?? LineAddress(chip: SimulatedHardware.heaterChip, line: .offset(room))
        let relay = thermostat.relay.map { RelaySetup($0, of: id, on: address, isReal: isReal) }
        stations[id] = ControlLoop.StationSetup(
            sensor: sensor, second: second,
            settings: thermostat.controlSettings(
                period: period, secondPeriod: second.map { self.period(of: $0) }, drivesRealOutput: isReal),
            relay: relay)
        guard let relay = thermostat.relay else { return }
        let text = RelayText(thermostat: thermostat, relay: relay, line: line)
        remark(
            id,
            "Relay on \(line.map { _ in text.place } ?? "the heater of simulated room \(room + 1)"), "
                + "\(isReal ? "real" : "simulated"), \(text.terms).")
        tell(id, relay, line, text)
    }

    /// What is known of the line, and what keeps it from being driven.
    private mutating func tell(
        _ id: ThermostatID, _ relay: RelayConfiguration, _ line: ResolvedLine?, _ text: RelayText
    ) {
        guard let line else { return }
        guard configuration.outputs.enabled else {
            return remark(
                id,
                "No line is driven: set enabled = true in [outputs] once the wiring is right (docs/wiring.md).",
                isWarning: true)
        }
        let retention = LineRetention.read(chip: line.chip, sysfsRoot: configuration.host.sysfsRoot)
        remark(id, retention.sentence)
        for warning in text.warnings { remark(id, warning, isWarning: true) }
    }

    private mutating func remark(_ id: ThermostatID, _ text: String, isWarning: Bool = false) {
        remarks.append(Remark(isWarning: isWarning, text: "\(id): \(text)"))
    }

    private func period(of sensor: SensorName?) -> Duration {
        sensors.setups.first { $0.name == sensor }?.interval ?? .seconds(8)
    }
}

extension ThermostatResolution {
    /// The configured relays as `run` drives them on this machine; throws what its board does not have.
    static func relays(_ configuration: AgentConfiguration) throws(ConfigurationErrors) -> [RelaySetup] {
        guard configuration.thermostat1.relay != nil || configuration.thermostat2.relay != nil else {
            return []
        }
        let board = try Boards(programPath: Environment.programPath).choose(configuration)
        let lines = try configuration.relayLines(on: board)
        // Without any sensor `run` simulates everything.
        let isReal = configuration.outputs.enabled && !configuration.sensors.isEmpty
        let relays: [(ThermostatID, RelayConfiguration?, ResolvedLine?)] = [
            (.thermostat1, configuration.thermostat1.relay, lines.first),
            (.thermostat2, configuration.thermostat2.relay, lines.second),
        ]
        return relays.compactMap { id, relay, line in
            guard let relay, let line else { return nil }
            return RelaySetup(relay, of: id, on: line.address, isReal: isReal)
        }
    }
}

extension RelaySetup {
    /// The relay of a thermostat on a line, held in the program's name.
    fileprivate init(
        _ relay: RelayConfiguration, of id: ThermostatID, on line: LineAddress, isReal: Bool
    ) {
        self.init(
            line: line, use: LineUse(activeLow: relay.activeLow, consumer: "sensor-agent \(id)"),
            isReal: isReal, ratedCycles: relay.ratedCycles)
    }
}

extension ResolvedLine {
    /// The same line in the words of the hardware layer.
    var address: LineAddress {
        switch identity {
        case .name(let name): LineAddress(chip: chip, line: .name(name))
        case .offset(let offset): LineAddress(chip: chip, line: .offset(offset))
        }
    }
}
