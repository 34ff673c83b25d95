// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Why the emulated machine could not do what a test asked.
package enum EmulatedMachineError: Error, CustomStringConvertible {
    /// Something that must be installed is not.
    case missing(String)
    /// A file that the machine is made of is not as expected.
    case badFile(String, String)
    /// The machine ended; `reason` is QEMU's (`guest-shutdown`, `guest-reset` …) or how QEMU itself ended.
    case ended(reason: String, console: [String])
    /// Something took longer than its limit.
    case late(String, Duration, console: [String])
    /// QEMU refused a command.
    case refused(String, String)
    /// A step in the guest failed.
    case guest(String, String)

    /// The text that people read.
    package var description: String {
        switch self {
        case .missing(let what): what
        case .badFile(let path, let problem):
            "\(path): \(problem). Remove it and run scripts/fetch-kernel.sh again."
        case .ended(let reason, let console):
            "the emulated machine ended (\(reason)).\(Self.tail(console))"
        case .late(let what, let limit, let console):
            "\(what) took longer than \(limit). On a busy machine raise the limit.\(Self.tail(console))"
        case .refused(let command, let answer): "QEMU refused \(command): \(answer)"
        case .guest(let what, let output): "\(what) failed in the emulated machine: \(output)"
        }
    }

    private static func tail(_ console: [String]) -> String {
        guard !console.isEmpty else { return " Its console stayed empty." }
        return " The end of its console:\n" + console.suffix(25).map { "    \($0)" }.joined(separator: "\n")
    }
}
