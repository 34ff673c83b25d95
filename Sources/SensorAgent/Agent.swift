// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import IoTHub
import LinuxHost
import LinuxIO
import Logging
import MosquittoTransport
import PlugAndPlay
import Quantities
import Simulation
import StateStore
import ThreadExecutor
import UnixSignals

/// The daemon: everything of `run` put together, started and ended in order.
struct Agent {
    private let configuration: AgentConfiguration
    private let client: HubClientConfiguration
    private let sensors: SensorResolution
    private let thermostats: ThermostatResolution
    private let simulation: SimulatedHardware
    private let simulate: Bool
    private let clock: JudgedClock
    private let bootTime: ContinuousClock.Instant
    private let log: Logger
    private let directory: String
    private let lock: InstanceLock
    private let startedAt: ContinuousClock.Instant
    /// `relay off` must be heard whatever keeps the shared pool busy.
    private let requests = ThreadTaskExecutor(ThreadExecutor(name: "requests"))

    /// Reads and checks everything that `run` depends on; ends the program with what is wrong.
    static func prepare(
        configFile: String?, overrides: [ConfigurationSources.Override], simulate: Bool
    ) async -> Agent {
        ProcessSetup.prepare()
        let environment = Environment.all
        let clock = LinuxClock()
        do throws(ConfigurationErrors) {
            let configuration = try AgentConfiguration.load(
                ConfigurationSources(
                    configFile: configFile, overrides: overrides, environment: environment,
                    drivers: KnownDriver.all),
                files: DiskFileReader())
            return try await prepare(configuration, environment, clock, simulate)
        } catch {
            ExitStatus.configuration.end("\(error)")
        }
    }

    private static func prepare(
        _ configuration: AgentConfiguration, _ environment: [String: String], _ clock: LinuxClock,
        _ simulate: Bool
    ) async throws(ConfigurationErrors) -> Agent {
        let isJournal = environment["JOURNAL_STREAM"] != nil
        let level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
        let log = Logger(label: "sensor-agent") { _ in
            ConsoleLogHandler(logLevel: level, isJournal: isJournal, time: clock)
        }
        let simulation = SimulatedHardware(time: clock, seed: UInt64.random(in: .min ... .max))
        let sensors: SensorResolution
        if simulate || configuration.sensors.isEmpty {
            let interval = min(configuration.telemetry.interval, .seconds(8))
            sensors = .simulated(simulation, interval: interval)
        } else {
            sensors = try .onThisMachine(configuration, simulation: simulation)
        }
        let directory = configuration.store.directory ?? StandardDirectories.state(environment: environment)
        // The lock first: it makes the directory and says what is wrong with it.
        let lock = instanceLock(directory)
        let bootTime = clock.bootTime
        return Agent(
            configuration: configuration, client: hubClient(configuration), sensors: sensors,
            thermostats: try .onThisMachine(configuration, sensors: sensors), simulation: simulation,
            simulate: simulate, clock: judged(clock, bootTime, configuration, directory), bootTime: bootTime,
            log: log,
            directory: directory, lock: lock, startedAt: clock.now().monotonic)
    }

    private static func judged(
        _ clock: LinuxClock, _ bootTime: ContinuousClock.Instant, _ configuration: AgentConfiguration,
        _ directory: String
    ) -> JudgedClock {
        let judge = ClockJudge(
            floor: clock.floor, lastKnown: ClockFile(directory: directory).read(),
            patience: configuration.clock.syncWait)
        let question = TimeServiceQuestion()
        return JudgedClock(clock, bootTime: bootTime, judge: judge) { ClockSigns.read(question: question) }
    }

    private static func hubClient(_ configuration: AgentConfiguration) -> HubClientConfiguration {
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

    private static func instanceLock(_ directory: String) -> InstanceLock {
        guard directory.hasPrefix("/") else {
            ExitStatus.state.end(
                "The state directory \(directory) is relative; give STATE_DIRECTORY an absolute path.")
        }
        do throws(InstanceLock.Failure) {
            return try InstanceLock(directory: directory)
        } catch {
            ExitStatus.state.end("\(error)")
        }
    }

    /// Runs until told to stop, then ends the program with exit code 0, within five seconds.
    func run() async -> Never {
        announce()
        // One thread for all that waits for the disk.
        let disk = ThreadExecutor(name: "store")
        let store = await AgentStore.open(
            configuration.store, directory: directory, disk: disk, clock: clock,
            bootID: BootID.read(procRoot: configuration.host.procRoot), log: log)
        let group = await serviceGroup(store, await memories(in: store.state), disk)
        Task.detached {
            for await line in StandardInput.lines() where line.lowercased() == "q" { group.beginEnd() }
        }
        // A terminal that goes away must not leave a relay on.
        let signals =
            ProcessSetup.ignores(SIGHUP)
            ? await UnixSignalsSequence(trapping: .sigterm, .sigint)
            : await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        Task.detached { for await _ in signals { group.beginEnd() } }
        Task.detached {
            // By then the first connection is up, or its failure has been told.
            try? await clock.sleep(for: .seconds(10))
            MemoryFootprint.releaseStart()
        }
        let isOrderly = await group.run()
        await store.close()
        guard isOrderly else { ExitStatus.software.end("A part of the agent ended by itself.") }
        log.notice("The agent has ended.")
        // Until here nobody else may use the state directory.
        withExtendedLifetime(lock) {}
        // Not exit(): a thread stuck in name resolution may still use what exit handlers would free.
        _exit(ExitStatus.success.rawValue)
    }

    private func serviceGroup(
        _ store: AgentStore, _ memories: [ThermostatID: ThermostatMemory], _ disk: ThreadExecutor
    ) async -> ServiceGroup {
        let boot = ControlLoop.Boot(
            id: BootID.read(procRoot: configuration.host.procRoot), start: bootTime)
        let thread = ThreadExecutor(name: "control")
        let control = ControlLoop(
            thermostats.stations, isSimulated: sensors.isSimulated, outputs: sensors.hardware,
            simulatedOutputs: simulation, time: ThreadTime(clock, on: thread), boot: boot, memories: memories,
            executor: thread)
        let clock = clock
        let file = NoteFile(directory: directory, name: "messages")
        let account = DailyMessages(configuration).account(saved: file.read(), time: clock)
        // Each message would cross between two threads and wake both.
        let mqtt = MosquittoTransport(sharing: SharedThread.executor)
        let client = HubClient(
            configuration: client,
            transport: MeteredTransport(mqtt) { account.count($0) },
            cache: StoredAssignment(of: client.identity, in: store.state, time: clock, log: log), time: clock,
            log: log)
        let pump = TelemetryPump(
            settings: TelemetryPump.Settings(
                // Without the kernel's id no other boot's clock can date what this one measures.
                bootID: boot.id ?? "unknown", bootTime: boot.start,
                limits: SendPlan.Limits(replayRate: configuration.telemetry.replayRate),
                syncInterval: configuration.store.syncInterval, forgetDelay: .milliseconds(500)),
            queue: store.telemetry, time: clock, log: log, mayReplay: { !account.statement.isSlowed }
        ) { message throws(HubError) in try await client.send(message) }
        let reboots = RebootService(
            configuration.reboot.settings(simulate: simulate),
            machine: ThisMachine(
                configuration.reboot, directory: directory, disk: disk, time: clock, log: log),
            control: control, time: clock, boot: boot, log: log
        ) {
            await pump.drain()
            return await store.state.isDurable
        }
        let cloud = CloudService(
            settings: cloudSettings(), client: client, control: control, store: store.state, pump: pump,
            time: clock, log: log, reboots: reboots, workingSet: { WorkingSet.kibibytes() },
            account: account, clockGate: { await clock.waitUntilTrusted() })
        await reboots.begin(cloud)
        let thermostats = thermostats
        let results = LatestResults()
        let manager = ServiceManager()
        let report = ServiceManagerReport(
            to: manager, sensors: sensors.setups.map(\.name), log: log
        ) {
            StatusLine.text(hub: await cloud.link().0.state, await control.snapshots())
        }
        let sampling = SamplingService(
            setups: sensors.setups, hardware: sensors.hardware, time: clock, log: log, results: results,
            told: { report.hasTried($0) },
            failed: { await control.recordFailure(of: $0) }
        ) { reading in
            await cloud.offer(await control.record(reading))
        }
        let controlling = ControlService(
            control: control, store: store.state, time: clock, log: log,
            interval: ControlService.interval(
                drivesRelay: thermostats.stations.values.contains { $0.relay != nil },
                watchdog: manager.watchdogInterval),
            onTick: { report.hasControlled(at: clock.now().monotonic) },
            memoryName: { thermostats.memoryName(of: $0) }
        ) {
            await cloud.report(localTarget: $1, of: $0)
        }
        var services: [any Service] = [
            clockService(client), MessageAccountService(account, time: clock, log: log, keep: file.keep),
            cloud, sampling, controlling, reboots,
            StatusReporter(control: control, cloud: cloud, time: clock),
        ]
        if let local = LocalControlService.make(
            localCommands(results, control, cloud, account, store.state, reboots), on: requests, log: log)
        {
            services.append(local)
        }
        if let files = configuration.hub?.usedCertificate {
            services.append(CertificateService(files: files, time: clock, log: log))
        }
        services += [report, DeadlineService()]
        // Told of the end in reverse order: the deadline begins, the service manager hears of it, nobody is answered any
        // more, the relays go off, sampling stops, the last state is reported.
        return ServiceGroup(services)
    }

    private func clockService(_ client: HubClient) -> ClockService {
        let file = ClockFile(directory: directory)
        return ClockService(clock, log: log, keep: file.keep) { await client.clockWasSet() }
    }

    /// What an earlier run has left of the thermostats; control starts with it, before any hub is asked.
    private func memories(in store: StateStore) async -> [ThermostatID: ThermostatMemory] {
        var memories: [ThermostatID: ThermostatMemory] = [:]
        for id in ThermostatID.allCases {
            do {
                memories[id] = try await store.takeMemory(of: thermostats.memoryName(of: id))
            } catch {
                log.warning("What an earlier run has left of \(id) cannot be read: \(error)")
            }
        }
        return memories
    }

    /// What other programs may ask of the running agent.
    private func localCommands(
        _ results: LatestResults, _ control: ControlLoop, _ cloud: CloudService,
        _ account: MessageAccount, _ store: StateStore, _ reboots: RebootService
    ) -> LocalCommands {
        let facts = StatusRequest.Facts(
            version: Program.version, startedAt: startedAt, isSimulated: sensors.isSimulated)
        var commands = LocalCommands()
        commands.register(
            ReadRequest.command,
            ReadRequest.handler(setups: sensors.setups, results: results, time: clock))
        commands.register(
            StatusRequest.command,
            StatusRequest.handler(
                facts, setups: sensors.setups, results: results, control: control, time: clock,
                clock: { [clock] in clock.verdict }, messages: account, link: { await cloud.link() }))
        commands.register(WhyRequest.command, WhyRequest.handler(control: control, time: clock))
        commands.register(SetRequest.command, SetRequest.handler(control: control, time: clock))
        commands.register(
            ResetRequest.command,
            ResetRequest.handler(control: control, time: clock) { await reboots.reset() })
        commands.register(RebootLocalRequest.command, RebootLocalRequest.handler(reboots))
        commands.register(
            RelayOffRequest.command,
            RelayOffRequest.handler(control: control, storing: storing(in: store)))
        // The machine's own buses, also while simulated sensors are read.
        let machine = LinuxHardware(
            sysfsRoot: configuration.host.sysfsRoot, deviceRoot: configuration.host.deviceRoot)
        commands.register(
            ScanRequest.command,
            ScanRequest.handler(Scanner(hardware: machine, time: clock, inUse: sensors.inUse)))
        return commands
    }

    /// Has a latch in the store before anybody is told that it holds.
    private func storing(in store: StateStore) -> RelayOffRequest.Storing {
        RelayOffRequest.Storing(time: clock, on: requests) { [thermostats, log] memories in
            do {
                for (id, memory) in memories {
                    try await store.setMemory(memory, of: thermostats.memoryName(of: id))
                }
                return true
            } catch {
                log.warning("That the relays have to stay off could not be stored: \(error)")
                return false
            }
        }
    }

    private func cloudSettings() -> CloudSettings {
        CloudSettings(
            telemetryInterval: configuration.telemetry.interval,
            serialNumber: configuration.device.serialNumber ?? SerialNumber.read()?.text ?? "unknown",
            deviceInformation: DeviceInformation(MachineFacts.read(softwareVersion: Program.version)),
            bootID: maximumKey(), isSimulated: sensors.isSimulated,
            reportsStatus: configuration.hub?.extraProperties ?? true)
    }

    /// Simulated temperatures must not raise the maximum of real ones in the same boot.
    private func maximumKey() -> String? {
        BootID.read(procRoot: configuration.host.procRoot).map {
            sensors.isSimulated ? $0 + " simulated" : $0
        }
    }

    private func announce() {
        log.notice("sensor-agent \(Program.version), model \(Program.modelID), state in \(directory).")
        if sensors.isSimulated {
            log.notice("Sensors are simulated: every message is marked with simulated=true.")
        }
        for (slot, name) in [
            (SensorResolution.ThermostatSlot.first, "thermostat1"), (.second, "thermostat2"),
        ]
        where sensors.thermostats[slot] == nil {
            log.warning("\(name) has no sensor: nothing is sent for it. Name one in [\(name)] sensor.")
        }
        if let warning = DailyMessages(configuration).warning { log.warning("\(warning)") }
        for remark in thermostats.remarks {
            log.log(level: remark.isWarning ? .warning : .notice, "\(remark.text)")
        }
    }
}

extension DeviceInformation {
    fileprivate init(_ facts: MachineFacts) {
        self.init(
            manufacturer: facts.manufacturer, model: facts.model, swVersion: facts.swVersion,
            osName: facts.osName,
            processorArchitecture: facts.processorArchitecture,
            processorManufacturer: facts.processorManufacturer,
            totalStorage: facts.totalStorage, totalMemory: facts.totalMemory)
    }
}
