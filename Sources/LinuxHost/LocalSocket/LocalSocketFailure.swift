// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why the local socket of an agent cannot be made, or not be used.
package enum LocalSocketFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another agent listens at that path.
    case inUse(String)
    /// No agent listens there.
    case noAgent(String)
    /// An agent may listen there, but not for this user; the sentence says who may ask.
    case denied(String, advice: String)
    /// The agent took the call and then said nothing for that long.
    case silent(String, Duration)
    /// The agent ended the call before its answer was complete.
    case ended(String)
    /// The agent's answer is longer than any that this program understands.
    case tooLong(String)
    /// A call to the operating system failed.
    case system(HostError)

    /// The text that people read.
    package var description: String {
        switch self {
        case .inUse(let path):
            "Another sensor-agent answers at \(path). Stop it, or set RUNTIME_DIRECTORY to another directory."
        case .noAgent(let path): "No sensor-agent answers at \(path). Start one: sensor-agent run."
        case .denied(let path, let advice): "You may not ask the sensor-agent at \(path). \(advice)"
        case .silent(let path, let limit):
            """
            The sensor-agent at \(path) has said nothing for \(limit.components.seconds) s. Look at its log; restart \
            it if it hangs.
            """
        case .ended(let path):
            "The sensor-agent at \(path) ended the call before its answer was complete. Ask again."
        case .tooLong(let path):
            "The answer of the sensor-agent at \(path) is too long. Restart it if it was updated meanwhile."
        case .system(let error): "\(error)"
        }
    }
}
