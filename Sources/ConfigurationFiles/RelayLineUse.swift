// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One relay's `line`, with the place where it is written.
struct RelayLineUse: Sendable {
    var path: KeyPathText
    var line: LineReference
    var origin: ConfigurationOrigin
    /// Whether the operator takes a line that the board file marks as unsafe.
    var acceptsUnsafe: Bool

    /// One error for each line that `board` does not have, or that must not drive a relay, or that two relays have.
    static func errors(of uses: [RelayLineUse], on board: BoardDescription) -> [ConfigurationError] {
        var errors = uses.compactMap { $0.error(on: board) }
        let isLost = uses.contains { board.line(of: $0.line) == nil }
        if isLost, let unknown = board.unknown { errors.append(unknown.error) }
        guard uses.count == 2, uses[0].line != uses[1].line else { return errors }
        if let first = board.line(of: uses[0].line), let second = board.line(of: uses[1].line),
            first.isSame(as: second)
        {
            errors.append(uses[1].repeating(uses[0]))
        }
        return errors
    }

    /// The error of a line that another relay has too.
    func repeating(_ other: RelayLineUse) -> ConfigurationError {
        ConfigurationError(
            .conflict, at: origin, path: path,
            problem: "\(other.path) is the same line, at \(other.origin).",
            advice: "Give each relay a line of its own.")
    }

    private func error(on board: BoardDescription) -> ConfigurationError? {
        guard let resolved = board.line(of: line) else { return lost(on: board) }
        guard let facts = resolved.facts, let reason = facts.unsafeReason, !acceptsUnsafe else { return nil }
        return ConfigurationError(
            .outOfRange, at: origin, path: path,
            problem: "\(facts.name) (\(facts.signal)) must not drive a relay: \(reason).",
            advice: "\(Self.choice(on: board)) Where the wiring makes up for it, see docs/wiring.md, set "
                + "unsafe-line = true.")
    }

    private func lost(on board: BoardDescription) -> ConfigurationError {
        var error = ConfigurationError(.unknownName, at: origin, path: path, problem: "")
        if board.unknown != nil {
            error.problem = "\"\(line)\" is a line of a board file, and the board is unknown."
            error.advice = "Choose a board, or name the line by its chip's label: \"CHIP:NAME\"."
        } else if let facts = board.lines.first(where: { .board($0.name) == line }) {
            error.problem = "The board file does not say on which chip \(facts.name) is."
            error.advice = "Name it by the chip's label, as `gpiodetect` shows it: \"CHIP:\(facts.signal)\"."
            if case .name(let name) = facts.identity {
                error.advice =
                    "Name it by the chip's label, as `gpioinfo` shows it: \"CHIP:\(printable(name))\"."
            }
        } else {
            error.problem = "\(board.name) has no line \"\(line)\"."
            let near = Spelling.nearest(to: line.description, among: board.relayLines.map(\.name))
            error.advice = near.map { "Did you mean \"\($0)\"?" } ?? Self.choice(on: board)
        }
        return error
    }

    private static func choice(on board: BoardDescription) -> String {
        let names = board.relayLines.map(\.name)
        return names.isEmpty
            ? "No line of \(board.name) is known to suit a relay: see `sensor-agent boards`."
            : "These suit a relay: \(names.joined(separator: ", "))."
    }
}

extension ResolvedLine {
    /// Whether both are one line; a name and an offset that the board file does not join cannot be compared.
    fileprivate func isSame(as other: ResolvedLine) -> Bool {
        if let facts, facts == other.facts { return true }
        return chip == other.chip && identity == other.identity
    }
}

extension Layers {
    /// The lines of all relays, `thermostat1` first.
    var lineUses: [RelayLineUse] {
        ["thermostat1", "thermostat2"].compactMap { thermostat in
            let section = [thermostat, "relay"]
            guard let value = best(section + ["line"]), case .line(let line) = value.value else { return nil }
            var use = RelayLineUse(
                path: pathText(section + ["line"]), line: line, origin: value.origin, acceptsUnsafe: false)
            if case .boolean(true) = best(section + ["unsafe-line"])?.value { use.acceptsUnsafe = true }
            return use
        }
    }
}

extension AgentConfiguration {
    /// The lines of the relays on `board`, or throws every one that it does not have or must not have a relay on.
    package func relayLines(
        on board: BoardDescription
    ) throws(ConfigurationErrors) -> (first: ResolvedLine?, second: ResolvedLine?) {
        let relays = [("thermostat1", thermostat1.relay), ("thermostat2", thermostat2.relay)]
        let uses = relays.compactMap { name, relay -> RelayLineUse? in
            let path = "\(name).relay.line"
            return relay.map {
                RelayLineUse(
                    path: path, line: $0.line, origin: origin(of: path), acceptsUnsafe: $0.acceptsUnsafeLine)
            }
        }
        let errors = RelayLineUse.errors(of: uses, on: board)
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        return (
            thermostat1.relay.flatMap { board.line(of: $0.line) },
            thermostat2.relay.flatMap { board.line(of: $0.line) }
        )
    }
}
