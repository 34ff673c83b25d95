// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import PlugAndPlay
package import Quantities
package import StateStore
package import ThermostatControl
package import ThreadExecutor

/// The thermostats and their relays: gets every reading first and never waits for store or cloud.
package actor ControlLoop {
    /// The relay's record is written at most so often.
    private static let ledgerInterval = Duration.seconds(300)

    private nonisolated let executor: ThreadExecutor
    private nonisolated let preference: ThreadTaskExecutor
    let time: any TimeSource
    let boot: Boot
    private let isSimulated: Bool
    var isEnding = false
    /// Whether control began without what an earlier run has left: then nothing may take its place in the store.
    package internal(set) var isPastUnknown = false
    var stations: [ThermostatID: Station] = [:]

    /// What others should know, for one reader; of very many only the latest.
    package nonisolated let notices: AsyncStream<Notice>
    let sink: AsyncStream<Notice>.Continuation

    /// The executor of the control thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes the thermostats, their relays off; lines are requested at the first tick.
    ///
    /// Relays that are not real live on `simulatedOutputs`, where it is given, so that they reach no real line.
    /// Unless the whole installation `isSimulated`, a stand-in's readings are passed on but not remembered.
    /// The loop runs on the thread of `executor` alone, and shuts it down at its own end.
    package init(
        _ setups: [ThermostatID: StationSetup], isSimulated: Bool, outputs: any Hardware,
        simulatedOutputs: (any Hardware)? = nil, time: any TimeSource,
        boot: Boot, memories: [ThermostatID: ThermostatMemory] = [:],
        executor: ThreadExecutor = ThreadExecutor(name: "control")
    ) {
        self.executor = executor
        preference = ThreadTaskExecutor(executor)
        self.isSimulated = isSimulated
        self.time = time
        self.boot = boot
        (notices, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
        let now = time.now()
        for id in ThermostatID.allCases {
            let setup = setups[id] ?? StationSetup()
            let driver = setup.relay.map { relay in
                RelayDriver(relay, on: relay.isReal ? outputs : simulatedOutputs ?? outputs)
            }
            let memory = memories[id]
            let station = Station(setup, driver, memory, boot: boot, at: now)
            stations[id] = station
            if let limited = station.limitedTarget(of: memory) {
                sink.yield(.targetLimited(id, from: limited.wanted, to: limited.target))
            }
        }
    }

    deinit {
        sink.finish()
        executor.shutdown()
    }

    /// Takes a reading; returns what it means for each thermostat that uses its sensor.
    package func record(_ reading: Reading) -> [Temperature] {
        guard let celsius = reading.good(.temperature) else { return [] }
        let sample = TemperatureSample(
            celsius: celsius, takenAt: reading.takenAt, isSimulated: reading.source.isSimulated)
        for id in ThermostatID.allCases where stations[id]?.setup.second == reading.sensor {
            handle(.sample(sample, .second), of: id)
        }
        return ThermostatID.allCases.filter { stations[$0]?.setup.sensor == reading.sensor }.map { id in
            handle(.sample(sample, .first), of: id)
            if reading.source.isSimulated == isSimulated {
                stations[id]?.history.record(celsius: celsius, at: reading.takenAt.monotonic)
            }
            return Temperature(
                thermostat: id, celsius: celsius, takenAt: reading.takenAt, isSimulated: sample.isSimulated)
        }
    }

    /// Takes a failed sample.
    package func recordFailure(of sensor: SensorName) {
        for id in ThermostatID.allCases {
            if stations[id]?.setup.second == sensor { handle(.failure(.second), of: id) }
            if stations[id]?.setup.sensor == sensor { handle(.failure(.first), of: id) }
        }
    }

    /// Looks at the time, sets every relay again and reads it back; to be called every second.
    package func tick() {
        for id in ThermostatID.allCases { handle(.tick, of: id, isTick: true) }
    }

    /// Ticks at once and then every `interval`, until the task is cancelled; nothing of that needs the shared pool.
    ///
    /// `onTick` is called on the control's thread after each tick that was done to its end, and must not block.
    package nonisolated func startTicking(
        every interval: Duration, onTick: @escaping @Sendable () -> Void
    ) -> Task<Void, Never> {
        Task(executorPreference: preference) { await self.keepTicking(every: interval, onTick: onTick) }
    }

    private func keepTicking(every interval: Duration, onTick: @Sendable () -> Void) async {
        let schedule = DriftFreeSchedule(start: time.now().monotonic, every: interval)
        while !Task.isCancelled {
            tick()
            onTick()
            do { try await time.sleep(until: schedule.next(after: time.now().monotonic)) } catch { break }
        }
    }

    /// Switches every relay off and lets go of the lines; no event switches anything on afterwards.
    ///
    /// Returns the lines that were not confirmed off.
    @discardableResult
    package func end() -> [LineAddress] {
        isEnding = true
        let now = time.now()
        for id in ThermostatID.allCases {
            guard var station = takeStation(id) else { continue }
            station.driver?.driveOff()
            station.driver?.release()
            station.ledger.record(isOn: false, at: now.monotonic)
            stations[id] = station
            remember(id, at: now.monotonic)
        }
        return unconfirmed
    }

    /// Ends ``notices``.
    package func finish() { sink.finish() }

    /// Puts a target back in force that an earlier run had accepted from the hub, unless this machine knows a later one.
    package func restore(target: Double, of id: ThermostatID) -> Double {
        guard let station = stations[id] else { return target }
        guard !station.hasMemory else { return station.thermostat.target }
        let limited = limited(target: target, of: id)
        if limited != target { sink.yield(.targetLimited(id, from: target, to: limited)) }
        return apply(ThermostatSettings(target: limited), to: id).target
    }

    /// The nearest to a target that is allowed here, °C.
    package func limited(target: Double, of id: ThermostatID) -> Double {
        stations[id]?.thermostat.configuration.limits.limited(target) ?? target
    }

    /// Judges settings and puts accepted ones in force; returns the verdict and the target then in force, °C.
    package func apply(_ settings: ThermostatSettings, to id: ThermostatID) -> (Verdict, target: Double) {
        let verdict = judge(settings, of: id)
        if case .accepted = verdict { decideAnew(id) }
        return (verdict, stations[id]?.thermostat.target ?? 0)
    }

    /// The target in force, °C.
    package func target(of id: ThermostatID) -> Double? { stations[id]?.thermostat.target }

    /// Whether somebody has asked for the target in force, in this run or an earlier one; else it is the site's default.
    package func remembersTarget(of id: ThermostatID) -> Bool { stations[id]?.hasMemory ?? false }

    /// What the samples of a thermostat taken at or after `start` amount to.
    package func summary(of id: ThermostatID, since start: ContinuousClock.Instant) -> TemperatureHistory
        .Summary?
    {
        stations[id]?.history.summary(since: start)
    }

    /// Whether memory still holds a sample from before `start`, so that none after it is missing there.
    package func remembersAll(of id: ThermostatID, since start: ContinuousClock.Instant) -> Bool {
        stations[id]?.history.reaches(back: start) ?? false
    }
}

extension ControlLoop {
    /// Changes what somebody on this machine asks for, all or nothing; the same rules as for the hub.
    package func set(target: Double?, mode: ThermostatMode?, of id: ThermostatID) -> Verdict {
        guard mode == nil || stations[id]?.setup.relay != nil else {
            return .rejected(
                reason: "it drives no relay, so it has no mode: name one in [\(id).relay] of agent.toml")
        }
        if let target {
            let verdict = judge(ThermostatSettings(target: target), of: id)
            guard case .accepted(let accepted) = verdict else { return verdict }
            sink.yield(.targetSetHere(id, accepted))
        }
        if let mode {
            stations[id]?.thermostat.set(mode)
            stations[id]?.hasChosenMode = true
        }
        // Once, with both: the new target must not switch on for the old mode, not for a moment either.
        decideAnew(id)
        return .accepted(stations[id]?.thermostat.target ?? 0)
    }

    /// Ends latches and faults that wait for a person.
    package func reset(_ id: ThermostatID) {
        stations[id]?.thermostat.reset(at: time.now())
        stations[id]?.wasReset = true
        decideAnew(id)
    }

    /// Judges settings; what is accepted is in force with the next decision.
    private func judge(_ settings: ThermostatSettings, of id: ThermostatID) -> Verdict {
        let verdict = stations[id]?.thermostat.apply(settings)
        if case .accepted = verdict {
            stations[id]?.hasMemory = settings.target != nil
            stations[id]?.isTargetDecided = true
        }
        return verdict ?? .rejected(reason: "there is no such thermostat")
    }

    private func decideAnew(_ id: ThermostatID) {
        handle(.tick, of: id)
        remember(id, at: time.now().monotonic)
    }

    /// Keeps every relay off until a reset; returns the lines that were not confirmed off.
    package func latchOff(_ reason: String) -> [LineAddress] {
        for id in ThermostatID.allCases where stations[id]?.setup.relay != nil {
            stations[id]?.thermostat.latchOff(reason, at: time.now())
            stations[id]?.driver?.requestSoon()
            handle(.tick, of: id)
            if !isEnding, stations[id]?.driver?.readBack != false { stations[id]?.driver?.driveOff() }
            remember(id, at: time.now().monotonic)
        }
        return unconfirmed
    }

    /// What has to outlive the program of each thermostat with a relay, at this moment.
    package func memories() -> [ThermostatID: ThermostatMemory] {
        let now = time.now().monotonic
        return stations.filter { $0.value.setup.relay != nil }.mapValues { memory(of: $0, at: now) }
    }

    /// The lines that do not read off.
    package var unconfirmed: [LineAddress] {
        stations.values.compactMap { station in
            guard let driver = station.driver, driver.readBack != false else { return nil }
            return driver.setup.line
        }
    }

    /// All that can be told of each thermostat.
    package func snapshots() -> [ThermostatSnapshot] {
        let now = time.now()
        return ThermostatID.allCases.compactMap { id in
            guard let station = stations[id] else { return nil }
            return snapshot(id, station, at: now)
        }
    }

    private func snapshot(_ id: ThermostatID, _ station: Station, at now: Now) -> ThermostatSnapshot {
        // A copy decides for the present moment and changes nothing.
        var copy = station.thermostat
        let decision = copy.handle(.tick, at: now)
        let relay = station.driver.map { driver in
            ThermostatSnapshot.Relay(
                line: driver.setup.line, isReal: driver.setup.isReal,
                isCommandedOn: station.thermostat.relayIsOn,
                readBack: driver.readBack, cycles: station.ledger.cycles, onTime: station.ledger.onTime,
                wear: station.ledger.wear(ratedCycles: driver.setup.ratedCycles))
        }
        return ThermostatSnapshot(
            id: id, decision: decision, sensor: station.setup.sensor, second: station.setup.second,
            latest: station.thermostat.latest.map {
                ($0.celsius, max(.zero, $0.takenAt.monotonic.duration(to: now.monotonic)))
            },
            relay: relay, faults: station.thermostat.log.faults,
            lastChange: station.change.map { (max(.zero, $0.at.duration(to: now.monotonic)), $0.cause) },
            limits: station.thermostat.configuration.limits.range)
    }
}

extension ControlLoop {
    /// One event of one thermostat: decide, set the line, tell.
    ///
    /// Only what `isTick` counts the ticks that a line may deviate.
    func handle(_ event: Thermostat.Event, of id: ThermostatID, isTick: Bool = false) {
        guard !isEnding, var station = takeStation(id) else { return }
        let now = time.now()
        let (before, latch, lock) = (
            station.decision, station.thermostat.lastingLatch, station.thermostat.lockedUntil
        )
        var decision = station.thermostat.handle(event, at: now)
        let isWanted = decision.relay
        switch station.driver?.drive(isWanted, isTick: isTick) {
        case nil, .deviates?: break
        case .agrees?:
            if station.thermostat.log.has(.outputUnavailable) {
                decision = station.thermostat.handle(.outputUnavailable(nil), at: now)
            }
        case .disagrees?: decision = station.thermostat.handle(.outputDisagrees, at: now)
        case .unavailable(let reason)?:
            decision = station.thermostat.handle(.outputUnavailable(reason), at: now)
        }
        // A fault of the line itself switches off in the same tick.
        if isWanted, !decision.relay { _ = station.driver?.drive(false, isTick: false) }
        station.ledger.record(isOn: decision.relay && station.driver != nil, at: now.monotonic)
        let hasChanged = decision.relay != (before?.relay ?? false)
        if hasChanged { station.change = (now.monotonic, decision.sentence) }
        station.decision = decision
        stations[id] = station
        tell(id, decision, before)
        // What keeps the relay off over a restart, and its end: a lock-out must not be begun anew by the next boot.
        let hasNews = (latch, lock) != (station.thermostat.lastingLatch, station.thermostat.lockedUntil)
        let isDue = station.rememberedAt.duration(to: now.monotonic) >= Self.ledgerInterval
        if isDue || hasNews, station.driver != nil { remember(id, at: now.monotonic) }
    }

    /// The station with the only copy of its driver, to be put back: a line that it lets go of is free at once then.
    private func takeStation(_ id: ThermostatID) -> Station? {
        let station = stations[id]
        stations[id]?.driver = nil
        return station
    }

    private func tell(_ id: ThermostatID, _ decision: Decision, _ before: Decision?) {
        if decision.state != before?.state, stations[id]?.setup.relay != nil {
            sink.yield(.decided(id, decision))
        }
        let faults = stations[id]?.thermostat.log.faults ?? []
        let told = stations[id]?.toldFaults ?? []
        guard faults != told else { return }
        if stations[id]?.setup.relay != nil {
            for fault in faults where !told.contains(fault) { sink.yield(.fault(id, fault)) }
        }
        stations[id]?.toldFaults = faults
    }

    func remember(_ id: ThermostatID, at now: ContinuousClock.Instant) {
        guard !isPastUnknown, let station = stations[id] else { return }
        stations[id]?.rememberedAt = now
        sink.yield(.remember(id, memory(of: station, at: now)))
    }

    private func memory(of station: Station, at now: ContinuousClock.Instant) -> ThermostatMemory {
        var memory = ThermostatMemory()
        memory.target = station.hasMemory ? station.thermostat.target : nil
        memory.mode = station.hasChosenMode ? station.thermostat.mode.rawValue : nil
        memory.latch = station.thermostat.lastingLatch
        memory.cycles = station.ledger.cycles
        memory.onTime = station.ledger.onTime
        memory.bootID = boot.id
        memory.lockedUntil = station.thermostat.lockedUntil.map { boot.start.duration(to: $0) }
        // Before the end an off time proves nothing: should the relay go on and the store then fail, it would stay there.
        if isEnding, station.driver?.readBack == false {
            // A relay that was never on in this run has been off since its hold began at the latest.
            let since = station.thermostat.relayIsOn ? now : station.thermostat.relaySince
            memory.offAt = boot.start.duration(to: since)
        }
        return memory
    }
}
