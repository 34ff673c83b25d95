// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Logging
import Quantities
import SensorDrivers

/// The sensors of one bus: when each is due, how it does, and what is said about it.
struct BusLoop {
    /// What the loops of all buses share.
    struct Surroundings: Sendable {
        var hardware: any Hardware
        var time: any TimeSource
        var log: Logger
        var results: LatestResults
        /// Gets every reading that could be taken, several where they were taken together.
        var deliver: @Sendable ([Reading]) async -> Void
        /// Gets the name of every sensor whose sample failed.
        var failed: @Sendable (SensorName) async -> Void
        /// Told after every result, whatever it was.
        var told: @Sendable (SensorName) async -> Void
    }

    private struct Station {
        var setup: SensorSetup
        var schedule: DriftFreeSchedule
        var due: ContinuousClock.Instant
        var health = SensorHealth()
    }

    private let name: String
    private let bus: WatchedBus
    private let around: Surroundings
    private var stations: [Station]
    /// Whether the log holds a line that the bus hangs, and none yet that it is over.
    private var isToldHung = false

    /// Prepares the sensors of one bus, all due at once.
    init(bus name: String, _ setups: [SensorSetup], _ around: Surroundings) {
        self.name = name
        self.around = around
        bus = WatchedBus(bus: name, hardware: around.hardware, time: around.time)
        let start = around.time.now().monotonic
        stations = setups.map {
            Station(setup: $0, schedule: DriftFreeSchedule(start: start, every: $0.interval), due: start)
        }
    }

    /// Reads the sensors on their schedules until the task is cancelled; then leaves the chips as they were found.
    mutating func run() async {
        while !Task.isCancelled, let next = stations.map(\.due).min() {
            do { try await around.time.sleep(until: next) } catch { break }
            await visitTogether(stations.indices.filter { stations[$0].due <= next })
            for index in stations.indices where stations[index].due <= next && !Task.isCancelled {
                await visit(index)
            }
        }
        await bus.close()
    }

    private mutating func visit(_ index: Int) async {
        let sample = await bus.sample(stations[index].setup)
        guard !Task.isCancelled else { return }
        switch sample {
        case .reading(let reading):
            if let error = reading.doubt {
                await failed(index, error, doubtful: reading)
            } else {
                await succeeded(index, reading)
            }
        case .failure(let error): await failed(index, error)
        case .unanswered(let error): await unanswered(index, error)
        }
    }

    /// Visits those of the sensors that convert by themselves, at the same time, so that all threads wake once for them.
    ///
    /// Whose attempt fails is still due afterwards, and then visited alone.
    private mutating func visitTogether(_ due: [Int]) async {
        let indices = due.filter { !stations[$0].setup.blocks }
        guard indices.count > 1, !isToldHung else { return }
        let round = await bus.sampleTogether(indices.map { stations[$0].setup })
        guard !Task.isCancelled else { return }
        switch round {
        case .attempted(let results):
            var good: [Reading] = []
            for case (let index, .success(let reading)) in zip(indices, results) {
                if let error = reading.doubt {
                    await failed(index, error, doubtful: reading)
                } else {
                    note(index, reading)
                    good.append(reading)
                }
            }
            if !good.isEmpty { await around.deliver(good) }
            for reading in good { await around.told(reading.sensor) }
        case .unanswered(let error): await unanswered(indices[0], error)
        }
    }

    private mutating func succeeded(_ index: Int, _ reading: Reading) async {
        note(index, reading)
        await around.deliver([reading])
        await around.told(reading.sensor)
    }

    private mutating func note(_ index: Int, _ reading: Reading) {
        around.results.record(reading)
        if isToldHung {
            isToldHung = false
            around.log.warning("Bus \(name) answers again.")
        }
        tell(stations[index].health.succeeded(), stations[index].setup, nil)
        schedule(index)
    }

    private mutating func failed(
        _ index: Int, _ error: SensorError, doubtful: Reading? = nil, isUnanswered: Bool = false
    ) async {
        let setup = stations[index].setup
        let now = around.time.now().monotonic
        let change = stations[index].health.failed(at: now, interval: setup.interval)
        around.results.record(
            error, of: setup.name, inARow: stations[index].health.failures, isUnanswered: isUnanswered,
            doubtful: doubtful)
        tell(change, setup, error)
        schedule(index, isUnanswered: isUnanswered)
        await around.failed(setup.name)
        if case .success(let reading)? = await bus.sampleStandIn(setup) {
            around.results.record(standIn: reading)
            await around.deliver([reading])
        }
        await around.told(setup.name)
    }

    /// A hung bus concerns all of its sensors: those that were not asked are told at once, and then each when it is due.
    private mutating func unanswered(_ index: Int, _ error: SensorError) async {
        let isNews = !isToldHung
        if isNews {
            isToldHung = true
            let names = stations.map(\.setup.name.text).joined(separator: ", ")
            around.log.warning("Bus \(name) hangs: \(error). Without it there are no values of \(names).")
        }
        for other in stations.indices where other == index || isNews {
            await failed(other, error, isUnanswered: true)
        }
    }

    private mutating func schedule(_ index: Int, isUnanswered: Bool = false) {
        let station = stations[index]
        stations[index].due = station.schedule.next(after: around.time.now().monotonic)
        // A stand-in keeps its rhythm, and a hung bus is not asked; a lost sensor is tried less and less often.
        guard let notBefore = station.health.notBefore, station.setup.standIn == nil, !isUnanswered,
            notBefore > stations[index].due
        else { return }
        stations[index].due = station.schedule.next(after: notBefore)
    }

    private func tell(_ change: SensorHealth.Change, _ setup: SensorSetup, _ error: SensorError?) {
        let place = Logger.Metadata(dictionaryLiteral: ("sensor", "\(setup.name)"))
        switch change {
        case .none:
            if let error {
                around.log.debug("Sensor \(setup.name) gave no value: \(error)", metadata: place)
            }
        case .firstFailure:
            around.log.info(
                "Sensor \(setup.name) gave no value: \(error.map { "\($0)" } ?? "")", metadata: place)
        case .lost:
            let next =
                setup.standIn == nil
                ? "It is tried again at growing intervals; check wiring, power and address."
                : "Simulated values stand in for it and are marked as such."
            let text = error.map { "\($0)" } ?? ""
            // Errors that say what to do are whole sentences.
            let end = text.hasSuffix(".") ? "" : "."
            around.log.warning("Sensor \(setup.name) is lost: \(text)\(end) \(next)", metadata: place)
        case .recovered: around.log.warning("Sensor \(setup.name) is back.", metadata: place)
        }
    }
}

extension Reading {
    /// Why no value of it may be passed on; `nil` where one may.
    ///
    /// A reading without a single such value is a failure, and has to be told as one.
    var doubt: SensorError? {
        guard !measurements.contains(where: { $0.goodValue != nil }) else { return nil }
        let reasons = measurements.map { measurement in
            switch (measurement.value, measurement.quality) {
            case (.failure(let kind), _): "\(measurement.quantity.rawValue) \(kind.rawValue)"
            case (.success(let value), .suspect(let reason)):
                "\(value) \(measurement.quantity.unitSymbol) needs confirmation (\(reason.rawValue))"
            case (.success, .good): ""
            }
        }
        return SensorError(.notReady, "no value may be passed on: " + reasons.joined(separator: ", "))
    }
}
