// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import HardwareIO
import LinuxIO

/// Does with one GPIO line what the arguments say, one after another; for the tests in the emulated machine.
///
///     hold-line CHIP LINE STEP...     LINE: an offset, or the line's name
///
/// Prints what each step came to; the first error ends it with status 1. The line is released at the end.
@main
struct HoldLine {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count > 2 else { exit(64) }
        let line = Int(arguments[1]).map(LineAddress.Line.offset) ?? .name(arguments[1])
        var steps = Steps(address: LineAddress(chip: arguments[0], line: line))
        do throws(BusError) {
            for step in arguments.dropFirst(2) { say(try steps.perform(step)) }
        } catch {
            say("\(error.kind.rawValue): \(error)")
            exit(1)
        }
    }

    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }
}

/// The line and how it is requested.
private struct Steps {
    let address: LineAddress
    var use = LineUse(activeLow: false, consumer: "hold-line")
    var line: (any OutputLine)?

    init(address: LineAddress) {
        self.address = address
    }

    /// Performs a step and returns what there is to say about it.
    mutating func perform(_ step: String) throws(BusError) -> String {
        switch step {
        case "active-low": use.activeLow = true
        case "as-nobody": becomeNobody()
        case "request": line = try LinuxHardware().openLine(address, use)
        case "on": try line?.set(active: true)
        case "off": try line?.set(active: false)
        case "read": return try line?.isActive() == true ? "active" : "inactive"
        case "wait": awaitInterrupt()
        case "release": line = nil
        default: exit(64)
        }
        return step
    }

    /// Gives up root's rights, after the program and its libraries were read with them.
    private func becomeNobody() {
        guard setgroups(0, nil) == 0, setgid(65534) == 0, setuid(65534) == 0 else { exit(70) }
    }

    /// Waits for SIGINT, which ends the step and not the program.
    private func awaitInterrupt() {
        var set = sigset_t()
        var number: CInt = 0
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigprocmask(SIG_BLOCK, &set, nil)
        print("waiting")
        fflush(nil)
        sigwait(&set, &number)
    }
}
