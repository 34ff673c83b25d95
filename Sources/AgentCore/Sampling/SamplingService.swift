// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Logging
package import Quantities
import SensorDrivers
import ServiceLifecycle

/// Reads every sensor on its schedule, one task per bus, and hands each reading on before the next one.
package struct SamplingService: Service {
    private let setups: [SensorSetup]
    private let hardware: any Hardware
    private let time: any TimeSource
    private let log: Logger
    private let deliver: @Sendable (Reading) async -> Void

    /// Makes the service; `deliver` gets every reading that could be taken, in order per bus.
    package init(
        setups: [SensorSetup], hardware: any Hardware, time: any TimeSource, log: Logger,
        deliver: @escaping @Sendable (Reading) async -> Void
    ) {
        self.setups = setups
        self.hardware = hardware
        self.time = time
        self.log = log
        self.deliver = deliver
    }

    /// Runs until the program ends; chips are left as they were found.
    ///
    /// A bus that hangs is left behind after a second, so that it cannot hold up the end of everything else.
    package func run() async {
        let loops = Dictionary(grouping: setups, by: \.bus).map { bus, setups in
            Task { await sample(setups, on: bus) }
        }
        // Cancellation ends the wait as well, and means the same here.
        try? await gracefulShutdown()
        for loop in loops { loop.cancel() }
        await limited(to: .seconds(1), time) {
            for loop in loops { await loop.value }
        }
    }

    private struct Station {
        var setup: SensorSetup
        var schedule: DriftFreeSchedule
        var due: ContinuousClock.Instant
        var health = SensorHealth()
    }

    private func sample(_ setups: [SensorSetup], on bus: String) async {
        let worker = BusWorker(bus: bus, hardware: hardware, time: time)
        let start = time.now().monotonic
        var stations = setups.map {
            Station(setup: $0, schedule: DriftFreeSchedule(start: start, every: $0.interval), due: start)
        }
        while !Task.isCancelled, let next = stations.map(\.due).min() {
            do { try await time.sleep(until: next) } catch { break }
            for index in stations.indices where stations[index].due <= next && !Task.isCancelled {
                await visit(&stations[index], worker)
            }
        }
        await worker.close()
    }

    private func visit(_ station: inout Station, _ worker: BusWorker) async {
        let result = await worker.sample(station.setup).flatMap { Self.confirmed($0) }
        guard !Task.isCancelled else { return }
        let now = time.now().monotonic
        switch result {
        case .success(let reading):
            tell(station.health.succeeded(), station.setup, nil)
            await deliver(reading)
        case .failure(let error):
            tell(station.health.failed(at: now, interval: station.setup.interval), station.setup, error)
            if case .success(let reading)? = await worker.sampleStandIn(station.setup) {
                await deliver(reading)
            }
        }
        station.due = station.schedule.next(after: now)
        // A stand-in keeps its rhythm; a lost sensor without one is tried less and less often.
        if let notBefore = station.health.notBefore, notBefore > station.due, station.setup.standIn == nil {
            station.due = station.schedule.next(after: notBefore)
        }
    }

    /// A reading without a single value that may be passed on is a failure, and has to be told as one.
    private static func confirmed(_ reading: Reading) -> Result<Reading, SensorError> {
        guard !reading.measurements.contains(where: { $0.goodValue != nil }) else { return .success(reading) }
        let reasons = reading.measurements.map { measurement in
            switch (measurement.value, measurement.quality) {
            case (.failure(let kind), _): "\(measurement.quantity.rawValue) \(kind.rawValue)"
            case (.success(let value), .suspect(let reason)):
                "\(value) \(measurement.quantity.unitSymbol) needs confirmation (\(reason.rawValue))"
            case (.success, .good): ""
            }
        }
        return .failure(
            SensorError(.notReady, "no value may be passed on: " + reasons.joined(separator: ", ")))
    }

    private func tell(_ change: SensorHealth.Change, _ setup: SensorSetup, _ error: SensorError?) {
        let place = Logger.Metadata(dictionaryLiteral: ("sensor", "\(setup.name)"))
        switch change {
        case .none:
            if let error { log.debug("Sensor \(setup.name) gave no value: \(error)", metadata: place) }
        case .firstFailure:
            log.info("Sensor \(setup.name) gave no value: \(error.map { "\($0)" } ?? "")", metadata: place)
        case .lost:
            let next =
                setup.standIn == nil
                ? "It is tried again at growing intervals; check wiring, power and address."
                : "Simulated values stand in for it and are marked as such."
            log.warning(
                "Sensor \(setup.name) is lost: \(error.map { "\($0)" } ?? ""). \(next)", metadata: place)
        case .recovered:
            log.warning("Sensor \(setup.name) is back.", metadata: place)
        }
    }
}
