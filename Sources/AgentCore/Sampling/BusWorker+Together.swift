// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import SensorDrivers

extension BusWorker {
    /// Conversions that end within this time of each other are fetched in one go.
    private static let slack = Duration.milliseconds(10)

    private struct Pending {
        var index: Int
        /// When the chip has a result, as far as its driver knows.
        var due: ContinuousClock.Instant
    }

    /// One attempt of each sensor, all conversions at the same time, as far as each driver allows.
    ///
    /// An error says nothing yet, and calls for ``sample(_:)``. For chips that convert by themselves; the bus carries one
    /// transfer at a time all the same.
    func sampleTogether(_ setups: [SensorSetup]) async -> [Result<Reading, SensorError>] {
        let none = SensorError(.notReady, "the conversion did not end")
        var results = [Result<Reading, SensorError>](repeating: .failure(none), count: setups.count)
        var pending: [Pending] = []
        for (index, setup) in setups.enumerated() {
            guard let wait = try? begin(setup) else { continue }
            pending.append(Pending(index: index, due: time.now().monotonic.advanced(by: wait)))
        }
        for _ in 0..<Self.mostWaits {
            guard let first = pending.map(\.due).min() else { break }
            let limit = first.advanced(by: Self.slack)
            let (ready, later) = (pending.filter { $0.due <= limit }, pending.filter { $0.due > limit })
            let last = ready.map(\.due).max() ?? first
            if last > time.now().monotonic {
                do { try await time.sleep(until: last) } catch { return results }
            }
            pending = later
            for one in ready {
                switch try? collect(setups[one.index]) {
                case .finished(let measurements)?:
                    results[one.index] = .success(reading(setups[one.index], measurements))
                case .wait(let more)?:
                    let due = time.now().monotonic.advanced(by: more)
                    pending.append(Pending(index: one.index, due: due))
                case nil: break
                }
            }
        }
        return results
    }
}
