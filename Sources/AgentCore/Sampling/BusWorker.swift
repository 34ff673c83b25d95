// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
package import SensorDrivers
import ThreadExecutor

/// Reads the sensors of one bus on the bus's own thread, where a call may block for seconds.
package actor BusWorker {
    /// Waits before the second and third attempt of one sample, each of which starts a new measurement.
    package static let waitsBeforeRetry: [Duration] = [.milliseconds(10), .milliseconds(50)]

    /// More waits within one conversion than any driver asks for.
    static let mostWaits = 100

    private nonisolated let executor: ThreadExecutor
    /// Has a task wait on the bus's thread too, between the steps of a conversion, and wake no other meanwhile.
    nonisolated let preference: ThreadTaskExecutor
    private let connections: BusConnections
    let time: any TimeSource
    private var sensors: [Slot: any Sensor] = [:]

    private struct Slot: Hashable {
        var name: SensorName
        var isStandIn: Bool
    }

    /// The executor of the bus's thread.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Makes a worker for one bus of `hardware`; nothing is opened yet.
    package init(bus: String, hardware: any Hardware, time: any TimeSource) {
        executor = ThreadExecutor(name: "bus " + bus, alarm: ThreadAlarm())
        preference = ThreadTaskExecutor(executor)
        connections = BusConnections(hardware: hardware)
        self.time = time
    }

    deinit { executor.shutdown() }

    /// One sample: up to three attempts, each a new measurement.
    ///
    /// Never an older value.
    ///
    /// After a failed sample the sensor is opened anew at the next one, because the chip may have been reset. Not so
    /// where the task was cancelled: the sensor stays for ``close()`` to leave its chip as it was found.
    package func sample(_ setup: SensorSetup) async -> Result<Reading, SensorError> {
        var attempt = 0
        while true {
            do throws(SensorError) {
                return .success(try await measure(setup))
            } catch {
                guard !Task.isCancelled else { return .failure(error) }
                guard error.isRetryable, attempt < Self.waitsBeforeRetry.count else {
                    forget(setup.name)
                    return .failure(error)
                }
                try? await time.sleep(for: Self.waitsBeforeRetry[attempt])
                attempt += 1
            }
        }
    }

    /// A sample of the simulated stand-in; `nil` where the setup has none.
    package func sampleStandIn(_ setup: SensorSetup) async -> Result<Reading, SensorError>? {
        guard let standIn = setup.standIn else { return nil }
        let slot = Slot(name: setup.name, isStandIn: true)
        do throws(SensorError) {
            if sensors[slot] == nil {
                sensors[slot] = try standIn.open(BusConnections(hardware: standIn.hardware))
            }
            return .success(corrected(setup, try await convert(slot), from: standIn.source))
        } catch {
            sensors[slot] = nil
            return .failure(error)
        }
    }

    /// Leaves the chips as they were found; to be called once, at the end.
    package func close() {
        for slot in Array(sensors.keys) { sensors[slot]?.restore() }
        sensors.removeAll()
        connections.reset()
    }

    private func measure(_ setup: SensorSetup) async throws(SensorError) -> Reading {
        let slot = try open(setup)
        return reading(setup, try await convert(slot))
    }

    /// Starts a conversion of a sensor, which is opened first where it is not; returns how long it takes.
    func begin(_ setup: SensorSetup) throws(SensorError) -> Duration {
        guard let wait = try sensors[open(setup)]?.startConversion() else { throw Self.closed }
        return wait
    }

    /// Fetches the result of the conversion that ``begin(_:)`` has started.
    func collect(_ setup: SensorSetup) throws(SensorError) -> Progress {
        guard let progress = try sensors[Slot(name: setup.name, isStandIn: false)]?.collect() else {
            throw Self.closed
        }
        return progress
    }

    /// What an opened sensor has measured just now.
    func reading(_ setup: SensorSetup, _ measurements: [Measurement]) -> Reading {
        let sensor = sensors[Slot(name: setup.name, isStandIn: false)] as? RelocatedSensor
        return corrected(setup, measurements, from: sensor?.source ?? setup.source)
    }

    private func open(_ setup: SensorSetup) throws(SensorError) -> Slot {
        let slot = Slot(name: setup.name, isStandIn: false)
        if sensors[slot] == nil { sensors[slot] = try setup.open(connections) }
        return slot
    }

    private static let closed = SensorError(.notFound, "the sensor was closed")

    private func convert(_ slot: Slot) async throws(SensorError) -> [Measurement] {
        guard var wait = try sensors[slot]?.startConversion() else { throw Self.closed }
        for _ in 0..<Self.mostWaits {
            if wait > .zero {
                do {
                    try await time.sleep(for: wait)
                } catch {
                    throw SensorError(.notReady, "the wait for the conversion was cut short")
                }
            }
            switch try sensors[slot]?.collect() {
            case .finished(let measurements)?: return measurements
            case .wait(let more)?: wait = more
            case nil: throw Self.closed
            }
        }
        throw SensorError(.notReady, "the conversion did not end")
    }

    private func corrected(
        _ setup: SensorSetup, _ measurements: [Measurement], from source: Source
    ) -> Reading {
        let corrected = measurements.map { measurement in
            guard measurement.quantity == .temperature, case .success(let value) = measurement.value else {
                return measurement
            }
            var corrected = measurement
            corrected.value = .success(value + setup.offset)
            return corrected
        }
        return Reading(sensor: setup.name, measurements: corrected, source: source, takenAt: time.now())
    }

    /// Has the sensor and its bus opened anew at the next sample.
    package func forget(_ name: SensorName) {
        let slot = Slot(name: name, isStandIn: false)
        // Else what this program has set would be taken for what it found.
        sensors[slot]?.restore()
        sensors[slot] = nil
        connections.reset()
    }
}
