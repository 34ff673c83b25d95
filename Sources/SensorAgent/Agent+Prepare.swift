// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO
import IoTHub
import LinuxHost
import LinuxIO
import Logging
import Quantities
import Simulation
import ThreadExecutor

extension Agent {
    /// Reads and checks everything that `run` depends on; ends the program with what is wrong.
    static func prepare(
        configFile: String?, overrides: [ConfigurationSources.Override], simulate: Bool
    ) async -> Agent {
        ProcessSetup.prepare()
        let environment = Environment.all
        do throws(ConfigurationErrors) {
            let configuration = try AgentConfiguration.load(
                ConfigurationSources(
                    configFile: configFile, overrides: overrides, environment: environment,
                    drivers: KnownDriver.all),
                files: DiskFileReader())
            return try await prepare(configuration, environment, LinuxClock(), simulate)
        } catch {
            ExitStatus.configuration.end("\(error)")
        }
    }

    private static func prepare(
        _ configuration: AgentConfiguration, _ environment: [String: String], _ machineClock: LinuxClock,
        _ simulate: Bool
    ) async throws(ConfigurationErrors) -> Agent {
        let log = log(configuration, environment, machineClock)
        let simulation = SimulatedHardware(time: machineClock, seed: UInt64.random(in: .min ... .max))
        let sensors = try sensors(configuration, simulation, simulate)
        let thermostats = try ThermostatResolution.onThisMachine(configuration, sensors: sensors)
        let boot = ControlLoop.Boot(
            id: BootID.read(procRoot: configuration.host.procRoot), start: machineClock.bootTime)
        let question = TimeServiceQuestion()
        let clock = JudgedClock(
            machineClock, bootTime: boot.start, judge: judge(machineClock, configuration, lastKnown: nil),
            waits: true
        ) { ClockSigns.read(question: question) }
        let thread = ThreadExecutor(name: "control")
        let notes = HeldLineNotes(environment: environment)
        let control = ControlLoop(
            thermostats.stations, isSimulated: sensors.isSimulated,
            outputs: notes.noting(sensors.hardware, log: log),
            simulatedOutputs: simulation, time: ThreadTime(clock, on: thread), boot: boot, executor: thread)
        // Before the state directory, the certificate or anything else on a disk that may hang.
        await control.switchOff()
        if !sensors.isSimulated {
            notes.switchOffLeft(by: thermostats.stations, on: sensors.hardware, log: log)
        }
        return Agent(
            configuration: configuration, client: hubClient(configuration), sensors: sensors,
            thermostats: thermostats, simulation: simulation, simulate: simulate, clock: clock, boot: boot,
            control: control, notes: notes, log: log, directory: stateDirectory(configuration, environment),
            startedAt: machineClock.now().monotonic)
    }

    private static func log(
        _ configuration: AgentConfiguration, _ environment: [String: String], _ clock: LinuxClock
    ) -> Logger {
        let isJournal = environment["JOURNAL_STREAM"] != nil
        let level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
        return Logger(label: "sensor-agent") { _ in
            ConsoleLogHandler(logLevel: level, isJournal: isJournal, time: clock)
        }
    }

    private static func sensors(
        _ configuration: AgentConfiguration, _ simulation: SimulatedHardware, _ simulate: Bool
    ) throws(ConfigurationErrors) -> SensorResolution {
        guard simulate || configuration.sensors.isEmpty else {
            return try .onThisMachine(configuration, simulation: simulation)
        }
        return .simulated(simulation, interval: min(configuration.telemetry.interval, .seconds(8)))
    }

    private static func judge(
        _ clock: LinuxClock, _ configuration: AgentConfiguration, lastKnown: WallTime?
    ) -> ClockJudge {
        ClockJudge(floor: clock.floor, lastKnown: lastKnown, patience: configuration.clock.syncWait)
    }

    /// The judge of the clock that knows the time which an earlier run has left.
    func judge(lastKnown: WallTime?) -> ClockJudge {
        Self.judge(LinuxClock(), configuration, lastKnown: lastKnown)
    }

    private static func stateDirectory(
        _ configuration: AgentConfiguration, _ environment: [String: String]
    ) -> String {
        let directory = configuration.store.directory ?? StandardDirectories.state(environment: environment)
        guard directory.hasPrefix("/") else {
            ExitStatus.state.end(
                "The state directory \(directory) is relative; give STATE_DIRECTORY an absolute path.")
        }
        return directory
    }

    static func hubClient(_ configuration: AgentConfiguration) -> HubClientConfiguration {
        guard let hub = configuration.hub else {
            ExitStatus.configuration.end(
                """
                No hub is configured. To try everything on this machine: start `local-hub serve`, and run the \
                `export` lines that it prints before `sensor-agent run`. For an Azure hub: set [hub] in agent.toml, \
                or IOTHUB_DEVICE_SECURITY_TYPE and the variables that belong to it (see `sensor-agent help run`).
                """)
        }
        if let file = hub.caFile, let problem = DiskFileReader.certificateProblem(of: file) {
            ExitStatus.configuration.end(
                "The file of certificate authorities \(file) cannot be used: \(problem). Name a PEM file in hub.ca-file or "
                    + "SSL_CERT_FILE, or unset them to use the system's authorities.")
        }
        let certificate = ConfigurationErrors(CertificateCheck(configuration: configuration).errors)
        guard certificate.errors.isEmpty else { ExitStatus.configuration.end("\(certificate)") }
        do throws(IdentityError) {
            return try HubClientConfiguration(hub)
        } catch {
            ExitStatus.configuration.end("The hub's configuration is wrong: \(error)")
        }
    }
}
