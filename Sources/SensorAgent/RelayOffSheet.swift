// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore

/// What came of switching relays off, as people read it.
struct RelayOffSheet {
    /// What to do about a relay that is not off.
    static let advice = """
        End the agent (`systemctl kill --signal=KILL sensor-agent`) and run this again, or cut the power of the load.
        """
    private static let none = "No relay is configured: nothing to do."

    /// The text, without a newline at its end.
    let text: String
    /// Whether every relay is known to be off.
    let isConfirmed: Bool

    /// Tells what the running agent did.
    init(_ lines: [RelayOffRequest.Line]) {
        isConfirmed = lines.allSatisfy(\.isConfirmedOff)
        guard !lines.isEmpty else {
            text = Self.none
            return
        }
        var texts = lines.map { line in
            let kind = line.isReal ? "" : " (simulated)"
            return line.isConfirmedOff
                ? "\(line.name)\(kind) is off and stays so until `sensor-agent reset`."
                : "\(line.name)\(kind) is not confirmed off: `sensor-agent why` tells the reason."
        }
        if !isConfirmed { texts.append(Self.advice) }
        text = texts.map(TextLayout.printable).joined(separator: "\n")
    }

    /// Tells what was done without an agent; a silent one may hold the lines.
    init(_ outcomes: [RelayShutOff.Outcome], isAgentSilent: Bool) {
        isConfirmed = outcomes.allSatisfy { $0.result == .confirmedOff }
        guard !outcomes.isEmpty else {
            text = Self.none
            return
        }
        var texts = outcomes.map { outcome in
            switch outcome.result {
            case .confirmedOff: "\(outcome.line) is off."
            case .readsOn:
                "\(outcome.line) was driven off and still reads on: cut the power of the load, and look at the wiring."
            case .failed(let error): "\(outcome.line) is not confirmed off. \(error)"
            }
        }
        if !isConfirmed {
            texts.append(isAgentSilent ? Self.advice : "If that does not help, cut the power of the load.")
        }
        text = texts.map(TextLayout.printable).joined(separator: "\n")
    }
}
