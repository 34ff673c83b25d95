// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a configuration says, and everything that is wrong with it.
package struct ConfigurationExamination: Sendable {
    /// What was understood; with errors, what is wrong is left out.
    package var configuration: AgentConfiguration
    /// What is wrong with the configuration by itself, in the order of its discovery.
    package var errors: [ConfigurationError]
    /// Whether all files could be read; if not, ``configuration`` says nothing.
    package var isComplete: Bool

    private let busUses: [BusUse]
    private let lineUses: [RelayLineUse]

    init(
        configuration: AgentConfiguration, errors: [ConfigurationError], isComplete: Bool, layers: Layers
    ) {
        self.configuration = configuration
        self.errors = errors
        self.isComplete = isComplete
        busUses = layers.busUses
        lineUses = layers.lineUses
    }

    /// The configuration for what does without the hub: reading sensors, and above all switching relays off.
    ///
    /// Throws all that is wrong with it but for `[hub]`; where a file could not be read, all.
    package func withoutHub() throws(ConfigurationErrors) -> AgentConfiguration {
        let others = errors.filter { !isComplete || ($0.path != "hub" && !$0.path.hasPrefix("hub.")) }
        guard others.isEmpty else { throw ConfigurationErrors(others) }
        return configuration
    }

    /// Every `bus` that `board` does not have, those of sensors that are wrong otherwise included.
    package func busErrors(on board: BoardDescription) -> [ConfigurationError] {
        BusUse.errors(of: busUses, on: board)
    }

    /// Every relay's `line` that `board` does not have or must not have a relay on.
    package func lineErrors(on board: BoardDescription) -> [ConfigurationError] {
        RelayLineUse.errors(of: lineUses, on: board)
    }
}

/// One sensor's `bus`, with the place where it is written.
struct BusUse: Sendable {
    var path: KeyPathText
    var bus: BusReference
    var origin: ConfigurationOrigin

    /// One error for each bus that `board` does not have; where the board is unknown, one more that says so.
    static func errors(of uses: [BusUse], on board: BoardDescription) -> [ConfigurationError] {
        let lost = uses.filter { board.location(of: $0.bus) == nil }
        guard let unknown = board.unknown else { return lost.map { $0.error(on: board) } }
        return lost.map(\.errorWithoutBoard) + (lost.isEmpty ? [] : [unknown.error])
    }

    private func error(on board: BoardDescription) -> ConfigurationError {
        let advice = Spelling.advice(for: bus.description, among: board.i2c.map(\.name))
        return ConfigurationError(
            .unknownName, at: origin, path: path, problem: "\(board.name) has no I²C bus \"\(bus)\".",
            advice: advice.isEmpty ? "Name the adapter: \"adapter:NAME\"." : advice)
    }

    private var errorWithoutBoard: ConfigurationError {
        ConfigurationError(
            .unknownName, at: origin, path: path,
            problem: "\"\(bus)\" is a bus of a board file, and the board is unknown.",
            advice: "Choose a board, or name the adapter: \"adapter:NAME\".")
    }
}

extension Layers {
    /// The buses of all sensors, ordered by sensor.
    var busUses: [BusUse] {
        (chosenNames["sensors"] ?? []).sorted().compactMap { name in
            let path = ["sensors", name, "bus"]
            guard let value = best(path), case .bus(let bus) = value.value else { return nil }
            return BusUse(path: pathText(path), bus: bus, origin: value.origin)
        }
    }
}
