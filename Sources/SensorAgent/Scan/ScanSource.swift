// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import LinuxHost
import LinuxIO
import StrictJSON
import UnixSignals

/// Where the report of a scan comes from: the agent that runs, so that two programs never ask one chip, else the buses.
struct ScanSource {
    /// How long the agent may say nothing: longer than one adapter may take.
    private static let patience = Duration.seconds(40)

    /// Where the kernel's trees are.
    let host: HostConfiguration
    private let line = ProgressLine.Display()

    /// Looks at the machine that has its trees there.
    init(host: HostConfiguration) { self.host = host }

    /// The report; ends the program where an agent runs that gives none.
    func report() async -> ScanReport {
        let report: ScanReport
        if let answer = await reportOfAgent() { report = answer } else { report = await scan() }
        line.clear()
        return report
    }

    /// The report of the agent that runs; `nil` where none does.
    private func reportOfAgent() async -> ScanReport? {
        let agent = RunningAgent(environment: Environment.all)
        // The agent ends the scan when its client has gone.
        let signals = Task { [line] in
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                line.clear()
                _exit(ScanCommand.incomplete)
            }
        }
        defer { signals.cancel() }
        do throws(RunningAgent.Failure) {
            let request = LocalRequest(ScanRequest.command)
            let answer = try await agent.ask(request, limit: Self.patience) { [line] step in
                if let step = ScanRequest.progress(step) { line.show(step) }
            }
            return try answer.map { json throws(RunningAgent.Failure) in
                do throws(ScanReportError) { return try ScanReport(json: json) } catch {
                    throw .notUnderstood
                }
            }
        } catch {
            line.clear()
            error.exitStatus.end("\(error)")
        }
    }

    /// Scans the buses; Ctrl-C ends that after the address that is being asked, so that no chip is left in mid-question.
    private func scan() async -> ScanReport {
        let scanner = Scanner(
            hardware: LinuxHardware(sysfsRoot: host.sysfsRoot, deviceRoot: host.deviceRoot),
            time: LinuxClock())
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let scan = Task { [line] in await scanner.scan { line.show($0) } }
        let watch = Task {
            for await _ in signals { scan.cancel() }
        }
        defer { watch.cancel() }
        return await scan.value
    }
}
