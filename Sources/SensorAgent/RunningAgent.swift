// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import LinuxHost
import StrictJSON
import ThreadExecutor

/// The agent that runs on this machine, asked over its local socket.
actor RunningAgent {
    /// Why an agent that runs gave no result.
    enum Failure: Error, CustomStringConvertible {
        /// It cannot be reached, or said nothing.
        case socket(LocalSocketFailure)
        /// It refused the request.
        case refused(LocalError)
        /// It said what this program does not understand.
        case notUnderstood

        var description: String {
            switch self {
            case .socket(let failure): "\(failure)"
            case .refused(let error): "\(error)"
            case .notUnderstood:
                "The running sensor-agent is of another version than this program. Restart it and try again."
            }
        }

        /// How a program ends that needs the answer.
        var exitStatus: ExitStatus {
            if case .socket(.denied) = self { .denied } else { .unavailable }
        }
    }

    /// The pause before a busy agent is called again, in milliseconds.
    private static let pause: CInt = 50
    /// Calls block their thread, each within its limit.
    private nonisolated let executor = ThreadExecutor(name: "local")
    private let directories: [String]

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Looks for the agent's socket where this environment says.
    init(environment: [String: String]) {
        directories = StandardDirectories.runtimeCandidates(environment: environment)
    }

    deinit { executor.shutdown() }

    /// The result of a request; `nil` where no agent runs.
    ///
    /// `limit` holds for each line, so that long work may take its time as long as it tells its progress.
    func ask(
        _ request: LocalRequest, limit: Duration = .seconds(5),
        progress: @Sendable (JSONValue) -> Void = { _ in }
    ) throws(Failure) -> JSONValue? {
        for directory in directories {
            if let result = try answer(to: request, in: directory, limit, progress) { return result }
        }
        return nil
    }

    /// What every agent that runs here says: a user's own one must not hide that of the machine.
    func askEach(_ request: LocalRequest, limit: Duration) -> [Result<JSONValue, Failure>] {
        directories.compactMap { directory in
            do throws(Failure) {
                return try answer(to: request, in: directory, limit) { _ in }.map { .success($0) }
            } catch {
                return .failure(error)
            }
        }
    }

    /// The result of the agent with that directory; `nil` where none runs there.
    ///
    /// An agent that has no place for the call has done nothing, and is called again until `limit` is over.
    private func answer(
        to request: LocalRequest, in directory: String, _ limit: Duration, _ progress: (JSONValue) -> Void
    ) throws(Failure) -> JSONValue? {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while true {
            do throws(Failure) {
                return try firstAnswer(to: request, in: directory, limit, progress)
            } catch {
                guard case .refused(let refusal) = error, refusal.code == .busy, .now < deadline else {
                    throw error
                }
                poll(nil, 0, Self.pause)
            }
        }
    }

    private func firstAnswer(
        to request: LocalRequest, in directory: String, _ limit: Duration, _ progress: (JSONValue) -> Void
    ) throws(Failure) -> JSONValue? {
        let reply: LocalReply?
        do throws(LocalSocketFailure) {
            reply = try Self.lastReply(request, in: directory, limit, progress)
        } catch {
            if case .noAgent = error { return nil }
            throw .socket(error)
        }
        switch reply {
        case .result(let result): return result
        case .error(let error): throw .refused(error)
        case .progress, nil: throw .notUnderstood
        }
    }

    /// The line that ends the answer; `nil` for what is not understood.
    private static func lastReply(
        _ request: LocalRequest, in directory: String, _ limit: Duration, _ progress: (JSONValue) -> Void
    ) throws(LocalSocketFailure) -> LocalReply? {
        var client = try LocalSocketClient(directory: directory)
        try client.send(request.line, limit: limit)
        while true {
            let reply = LocalReply(line: try client.receive(limit: limit))
            guard case .progress(let value)? = reply else { return reply }
            progress(value)
        }
    }
}
