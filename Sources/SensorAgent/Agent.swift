// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import IoTHub
import LinuxHost
import Logging
import PlugAndPlay
import Quantities
import Simulation
import StateStore
import ThreadExecutor
import UnixSignals

/// The daemon: everything of `run` put together, started and ended in order.
struct Agent {
    let configuration: AgentConfiguration
    let client: HubClientConfiguration
    let sensors: SensorResolution
    let thermostats: ThermostatResolution
    let simulation: SimulatedHardware
    let simulate: Bool
    let clock: JudgedClock
    let boot: ControlLoop.Boot
    let control: ControlLoop
    let notes: HeldLineNotes
    let log: Logger
    let directory: String
    let startedAt: ContinuousClock.Instant
    /// `relay off` must be heard whatever keeps the shared pool busy.
    let requests = ThreadTaskExecutor(ThreadExecutor(name: "requests"))

    /// Runs until told to stop, then ends the program with exit code 0, within five seconds.
    ///
    /// The relays are off by now; from here on the disk of the state directory is awaited for ``ControlStart/patience``.
    func run() async -> Never {
        let deadline = clock.now().monotonic.advanced(by: ControlStart.patience)
        // One thread for all that waits for the disk.
        let disk = ThreadExecutor(name: "store")
        let state = StateDirectory(directory, on: disk)
        let opening = Task { await state.open { end(because: $0) } }
        let content = await value(of: opening, by: deadline, clock)
        clock.begin(with: judge(lastKnown: content?.lastKnown))
        announce()
        let store = AgentStore.begin(
            configuration.store, directory: directory, after: opening, disk: disk, clock: clock,
            bootID: boot.id, log: log)
        let parts = parts(store, disk, savedMessages: content?.messages)
        await beginControl(parts, after: opening, by: deadline)
        let group = ServiceGroup(services(parts))
        await listen(for: group)
        let isOrderly = await group.run()
        await forgetLines()
        await store.close()
        guard isOrderly else { ExitStatus.software.end("A part of the agent ended by itself.") }
        log.notice("The agent has ended.")
        // Until here nobody else may use the state directory.
        withExtendedLifetime(state) {}
        // Not exit(): a thread stuck in name resolution may still use what exit handlers would free.
        _exit(ExitStatus.success.rawValue)
    }

    /// Has control take up what an earlier run has left, where that comes in time.
    private func beginControl(
        _ parts: AgentParts, after opening: Task<StateDirectory.Content, Never>,
        by deadline: ContinuousClock.Instant
    ) async {
        let past = Task {
            // Without the lock the file may be another agent's.
            _ = await opening.value
            return await memories(in: parts.store.state)
        }
        let isKnown = await ControlStart(control, time: clock, log: log).begin(with: past, by: deadline)
        let record = Task { await parts.reboots.begin(parts.cloud) }
        // Safe mode has to be known before the first relay goes on.
        if isKnown { _ = await value(of: record, by: deadline, clock) }
    }

    /// Ends the group on a signal, or on Q and Enter.
    private func listen(for group: ServiceGroup) async {
        Task.detached {
            for await line in StandardInput.lines() where line.lowercased() == "q" { group.beginEnd() }
        }
        // A terminal that goes away must not leave a relay on.
        let signals =
            ProcessSetup.ignores(SIGHUP)
            ? await UnixSignalsSequence(trapping: .sigterm, .sigint)
            : await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        Task.detached { for await _ in signals { group.beginEnd() } }
        Task.detached { [clock] in
            // By then the first connection is up, or its failure has been told.
            try? await clock.sleep(for: .seconds(10))
            MemoryFootprint.releaseStart()
        }
    }

    /// Ends a program that may not use the state directory; however late that turns out, its relays go off first.
    private func end(because failure: InstanceLock.Failure) {
        Task.detached {
            await control.end()
            await forgetLines()
            ExitStatus.state.end("\(failure)")
        }
    }

    /// Forgets the lines that are off and released; `relay off` still has to look after the others.
    private func forgetLines() async {
        let unconfirmed = await control.unconfirmed
        for relay in thermostats.stations.values.compactMap(\.relay)
        where relay.isReal && !unconfirmed.contains(relay.line) {
            notes.remove(relay.line)
        }
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
