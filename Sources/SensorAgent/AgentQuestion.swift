// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import StrictJSON

/// A question that only the running agent can answer: whatever else comes of it ends the program.
enum AgentQuestion {
    /// The agent's result, as `read` understands it; ends the program where there is none.
    static func ask<Answer>(
        _ command: String, _ arguments: JSONValue = .object([:]), read: (JSONValue) -> Answer?
    ) async -> (json: JSONValue, answer: Answer) {
        let agent = RunningAgent(environment: Environment.all)
        do throws(RunningAgent.Failure) {
            guard let result = try await agent.ask(LocalRequest(command, arguments)) else {
                ExitStatus.unavailable.end(
                    """
                    No sensor-agent runs on this machine, or it is not found: start one with `sensor-agent run`, or set \
                    RUNTIME_DIRECTORY as it was set for the agent.
                    """)
            }
            guard let answer = read(result) else { throw .notUnderstood }
            return (result, answer)
        } catch {
            // What the agent refused was asked in vain, for a reason that the arguments can mend.
            if case .refused(let refusal) = error, refusal.code == .refused {
                ExitStatus.usage.end("\(refusal)")
            }
            error.exitStatus.end("\(error)")
        }
    }
}
