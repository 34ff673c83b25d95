// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput
import Synchronization

/// The control port of the guest: starts programs there and hands their output to them.
final class GuestControl: Sendable {
    private struct State {
        var programs: [Int: GuestProgram] = [:]
        var nextJob = 1
        var end: (any Error)?
    }

    /// The lines on the machine's console, for error texts.
    let console: Journal<String>
    private let share: String
    private let ready = Journal<Void>()
    private let state = Mutex(State())
    private let socket = Journal<LineSocket>()

    /// Listens for QEMU at `path`; jobs are put into the folder `share`.
    static func listen(at path: String, share: String, console: Journal<String>) async throws -> GuestControl
    {
        let control = GuestControl(share: share, console: console)
        let socket = try await LineSocket.listen(
            at: path, onLine: { [weak control] in control?.receive($0) }, onEnd: {})
        control.socket.append(socket)
        return control
    }

    private init(share: String, console: Journal<String>) {
        self.share = share
        self.console = console
    }

    /// Waits until the guest takes commands in its boot of that number, the first being 1.
    func isReady(boot: Int) async throws {
        _ = try await ready.first(from: boot - 1) { $0 }
    }

    /// Starts a program.
    func run(_ program: String, _ arguments: [String], environment: [String: String]) async throws
        -> GuestProgram
    {
        let handle = GuestProgram(([program] + arguments).joined(separator: " "), in: self)
        let job = try state.withLock { state in
            if let end = state.end { throw end }
            defer { state.nextJob += 1 }
            state.programs[state.nextJob] = handle
            return state.nextJob
        }
        ProgramOutput.noteSecrets(environment)
        let text = GuestShell.job(id: job, program: program, arguments: arguments, environment: environment)
        try text.write(toFile: "\(share)/jobs/\(job)", atomically: true, encoding: .utf8)
        try await tell("run \(job)")
        return handle
    }

    /// Sends the guest's loop a line.
    func tell(_ line: String) async throws {
        try await socket.first { $0 }.found.send(line)
    }

    /// Ends all that waits on the guest.
    func finish(because error: any Error) {
        state.withLock { if $0.end == nil { $0.end = error } }
        ready.finish(throwing: error)
        end(because: error)
    }

    /// Ends what waits on programs.
    private func end(because error: any Error) {
        let programs = state.withLock { state in
            defer { state.programs = [:] }
            return state.programs.values
        }
        for program in programs { program.finish(because: error) }
    }

    /// Closes the port, which makes a guest that still runs power off.
    func close(because error: any Error) async {
        finish(because: error)
        for socket in socket.entries { await socket.close(because: error) }
    }

    /// The error for what took too long.
    func late(_ what: String, _ limit: Duration) -> @Sendable () -> any Error {
        { [console] in EmulatedMachineError.late(what, limit, console: console.entries) }
    }

    private func receive(_ line: String) {
        switch GuestMessage(line) {
        case .ready:
            end(because: EmulatedMachineError.guest("a program", "the guest has booted again"))
            ready.append(())
        case .started(let job, let pid): program(job)?.hasStarted(as: pid)
        case .line(let job, let line):
            ProgramOutput.keep(line.text)
            program(job)?.output.append(line)
        case .exit(let job, let status):
            state.withLock { $0.programs.removeValue(forKey: job) }?
                .finish(because: GuestProgram.Exit(status: status))
        case nil: console.append("control port: \(line)")
        }
    }

    private func program(_ job: Int) -> GuestProgram? {
        state.withLock { $0.programs[job] }
    }
}
