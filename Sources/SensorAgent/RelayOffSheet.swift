// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO

/// What came of switching relays off, as people read it.
struct RelayOffSheet {
    /// What to do about a relay that is not off.
    static let advice = """
        End the agent (`systemctl kill --signal=KILL sensor-agent`) and run this again, or cut the power of the load.
        """

    /// What is said where there is no relay; `file` is the configuration that was read.
    static func none(in file: String?, hasAgent: Bool) -> String {
        if hasAgent { return "The running agent has no relay, and none is configured here: nothing to do." }
        return file.map { "No relay is configured in \($0): nothing to do." }
            ?? """
            No relay is configured, and no agent.toml was found: nothing to do. If the agent has one, name it with --config.
            """
    }

    /// The text, without a newline at its end.
    let text: String
    /// Whether every relay is known to be off.
    let isConfirmed: Bool
    /// Whether nothing is known of any real line.
    let isEmpty: Bool

    /// Tells what running agents did with `lines`, what was done here without one, and which lines are only simulated.
    ///
    /// A silent agent may hold the lines. `doubts` tell why a relay may be on all the same. `none` is said where there is
    /// nothing else to say.
    init(
        _ lines: [RelayOffRequest.Line], _ outcomes: [RelayShutOff.Outcome] = [],
        simulated: [LineAddress] = [], isAgentSilent: Bool = false, doubts: [String] = [], none: String
    ) {
        let isLatched = lines.allSatisfy(\.isConfirmedOff)
        // Of a silent agent's lines only those are known that could be had here.
        let isUnknown = isAgentSilent && outcomes.isEmpty
        isConfirmed =
            isLatched && !isUnknown && doubts.isEmpty && outcomes.allSatisfy { $0.result == .confirmedOff }
        isEmpty = lines.isEmpty && outcomes.isEmpty && doubts.isEmpty
        var texts = lines.map(Self.sentence) + outcomes.map(Self.sentence)
        texts += simulated.map {
            """
            \($0) was left alone, because its relay is only simulated: that needs `enabled = true` in [outputs], and \
            a sensor.
            """
        }
        texts += doubts
        if texts.isEmpty { texts = [none] }
        if !isConfirmed {
            let isHeld = isAgentSilent || !isLatched
            texts.append(isHeld ? Self.advice : "If that does not help, cut the power of the load.")
        }
        text = texts.map(TextLayout.printable).joined(separator: "\n")
    }

    /// What is said of a line whose two levels are called off, one by the agent that held it, one by the configuration.
    static func doubt(_ held: HeldLine) -> String {
        """
        \(held.line) may be on all the same: the agent that ended held it as active-\(held.use.activeLow ? "low" : "high"), and \
        agent.toml says the opposite. See that its relay is off, then start the agent or set active-low right.
        """
    }

    private static func sentence(_ line: RelayOffRequest.Line) -> String {
        let kind = line.isReal ? "" : " (simulated)"
        guard line.isStored || !line.isConfirmedOff else {
            return """
                \(line.name)\(kind) is off until `sensor-agent reset`, or until the agent starts again: that could not be \
                stored. The agent's log says why.
                """
        }
        return line.isConfirmedOff
            ? "\(line.name)\(kind) is off and stays so until `sensor-agent reset`."
            : "\(line.name)\(kind) is not confirmed off: `sensor-agent why` tells the reason."
    }

    /// What is said of a line that was switched off here, or not.
    static func sentence(_ outcome: RelayShutOff.Outcome) -> String {
        switch outcome.result {
        case .confirmedOff: "\(outcome.line) is off."
        case .readsOn:
            "\(outcome.line) was driven off and still reads on: cut the power of the load, and look at the wiring."
        case .failed(let error): "\(outcome.line) is not confirmed off: \(error.operation): \(error.reason)"
        }
    }
}
