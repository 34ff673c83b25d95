// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import HardwareIO
import LinuxHost
import Logging
import Quantities
import Simulation
import UnixSignals

/// The work of `read`: by the running agent, or on the buses themselves; each way that has something to say ends the program.
struct ReadingTask: Sendable {
    /// The time between two lines of a sensor that has no interval of its own.
    static let usualInterval = Duration.seconds(2)

    let selection: SensorSelection
    let isWatching: Bool
    let output: ReadOutput
    let clock: LinuxClock

    /// Shows what the running agent knows; returns where none runs.
    func ask(_ agent: RunningAgent, isConfigurationGiven: Bool) async {
        guard var reports = await reports(of: agent) else { return }
        if isConfigurationGiven {
            StandardError.write(
                "The running agent answers, with its own configuration: --config and --set do not count.")
        }
        check(known: reports.map(\.name))
        var shown: [SensorName: Int] = [:]
        while true {
            let wanted = reports.filter { selection.contains($0.name) }
            // A sensor comes again when the agent has read it again.
            let news = wanted.filter { shown[$0.name] != $0.counts.samples }
            for report in news { shown[report.name] = report.counts.samples }
            let isRead = news.isEmpty ? true : await output.print(news, of: wanted)
            guard isWatching, isRead else { await end(wanted) }
            let pause = wanted.map(\.interval).min() ?? Self.usualInterval
            try? await clock.sleep(for: min(pause, Self.usualInterval))
            guard let next = await self.reports(of: agent) else {
                ExitStatus.unavailable.end(
                    "The agent has ended. Run this again to read the sensors directly.")
            }
            reports = next
        }
    }

    /// Reads two simulated thermometers.
    func readSimulation() async -> Never {
        let simulation = SimulatedHardware(time: clock, seed: UInt64.random(in: .min ... .max))
        await read(.simulated(simulation, interval: Self.usualInterval))
    }

    /// Reads the configured sensors.
    func readConfigured(_ options: ConfigurationOptions) async -> Never {
        var sensors: SensorResolution
        do throws(ConfigurationErrors) {
            let configuration = try AgentConfiguration.examine(options.sources(), files: DiskFileReader())
                .withoutHub()
            guard !configuration.sensors.isEmpty else {
                ExitStatus.configuration.end(
                    """
                    No sensors are configured. Find chips with `sensor-agent scan` and name them in [sensors.NAME] of \
                    agent.toml, or try `sensor-agent read --simulate`.
                    """)
            }
            let simulation = SimulatedHardware(time: clock, seed: 0)
            sensors = try .onThisMachine(configuration, simulation: simulation)
            for index in sensors.setups.indices {
                let own = configuration.sensors.first { $0.name == sensors.setups[index].name }?.interval
                sensors.setups[index].interval = own ?? Self.usualInterval
                // Here a person wants to know about the chip; a model's invention would say nothing.
                sensors.setups[index].standIn = nil
            }
        } catch {
            ExitStatus.configuration.end("\(error)")
        }
        await read(sensors)
    }

    private func read(_ sensors: SensorResolution) async -> Never {
        check(known: sensors.setups.map(\.name))
        let setups = sensors.setups.filter { selection.contains($0.name) }
        let results = LatestResults()
        if isWatching {
            await untilSignal { await watch(setups, sensors.hardware, results) }
            await leave(.success)
        }
        await untilSignal {
            await SamplingRound.run(setups, hardware: sensors.hardware, time: clock, results: results)
        }
        let reports = results.reports(setups, at: clock.now())
        _ = await output.print(reports, of: reports)
        await end(reports)
    }

    private func watch(_ setups: [SensorSetup], _ hardware: any Hardware, _ results: LatestResults) async {
        let (closed, feed) = AsyncStream<Void>.makeStream()
        let service = SamplingService(
            setups: setups, hardware: hardware, time: clock,
            log: Logger(label: "read") { _ in SwiftLogNoOpLogHandler() }, results: results,
            told: { name in
                let reports = results.reports(setups, at: clock.now())
                let isRead = await output.print(reports.filter { $0.name == name }, of: reports)
                if !isRead { feed.finish() }
            }, deliver: { _ in })
        let end = Ending()
        let work = Task { await service.run(until: end) }
        // Ends when the task is cancelled, or when nobody reads what is printed.
        for await _ in closed {}
        end.tell()
        await work.value
    }

    /// Does `work`; Ctrl-C and SIGTERM cancel it, and it then still gets the time to leave the chips as they were found.
    private func untilSignal(_ work: @escaping @Sendable () async -> Void) async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let task = Task { await work() }
        let watch = Task {
            for await _ in signals { task.cancel() }
        }
        await task.value
        watch.cancel()
    }

    private func reports(of agent: RunningAgent) async -> [SensorReport]? {
        do throws(RunningAgent.Failure) {
            guard let result = try await agent.ask(LocalRequest(ReadRequest.command)) else { return nil }
            guard let reports = ReadRequest.reports(result) else { throw .notUnderstood }
            return reports
        } catch {
            error.exitStatus.end("\(error)")
        }
    }

    private func check(known: [SensorName]) {
        guard let problem = selection.problem(known: known) else { return }
        ExitStatus.usage.end(problem)
    }

    private func end(_ reports: [SensorReport]) async -> Never {
        await leave(reports.allSatisfy(\.hasValue) ? .success : .noValue)
    }

    /// Not exit(): a thread stuck in a bus may still use what exit handlers would free.
    private func leave(_ status: ExitStatus) async -> Never {
        guard let problem = await output.problem else { _exit(status.rawValue) }
        StandardError.write(problem)
        _exit(ExitStatus.output.rawValue)
    }
}
