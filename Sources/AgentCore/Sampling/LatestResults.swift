// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities
package import SensorDrivers
import Synchronization

/// The last result of every sensor, for whoever asks.
///
/// A failure takes the place of the reading before it: what was measured earlier is nobody's present value.
package final class LatestResults: Sendable {
    private struct Entry {
        var reading: Reading?
        var failure: SensorReport.Failure?
        var counts = SensorReport.Counts()
    }

    private let entries = Mutex<[SensorName: Entry]>([:])

    /// Makes a place without results.
    package init() {}

    /// Takes the reading of a sensor that works.
    package func record(_ reading: Reading) {
        change(reading.sensor) { entry in
            entry.reading = reading
            entry.failure = nil
            entry.counts.samples += 1
        }
    }

    /// Takes a failed sample, with the reading whose values may not be passed on where there was one.
    ///
    /// `inARow` counts the failures since the last good sample, this one included.
    package func record(
        _ error: SensorError, of name: SensorName, inARow: Int, isUnanswered: Bool = false,
        doubtful: Reading? = nil
    ) {
        change(name) { entry in
            entry.reading = doubtful
            entry.failure = SensorReport.Failure(kind: error.kind, text: "\(error)", inARow: inARow)
            entry.counts.samples += 1
            entry.counts.failures += 1
            if isUnanswered { entry.counts.unanswered += 1 }
        }
    }

    /// Takes the reading of the model that stands in for a failing sensor.
    package func record(standIn reading: Reading) {
        change(reading.sensor) { $0.reading = reading }
    }

    /// What is known of the sensors of `setups`, in their order.
    package func reports(_ setups: [SensorSetup], at now: Now) -> [SensorReport] {
        let entries = entries.withLock { $0 }
        return setups.map { setup in
            let entry = entries[setup.name] ?? Entry()
            var report = SensorReport(setup)
            report.failure = entry.failure
            report.counts = entry.counts
            if let reading = entry.reading {
                report.isSimulated = reading.source.isSimulated
                // A chip that a kernel driver holds is read elsewhere than its setup says.
                if case .hardware(let driver, let place) = reading.source {
                    report.driver = driver
                    report.place = place
                }
                report.measurements = reading.measurements
                report.age = max(.zero, reading.takenAt.monotonic.duration(to: now.monotonic))
            }
            return report
        }
    }

    private func change(_ name: SensorName, _ body: (inout Entry) -> Void) {
        entries.withLock { body(&$0[name, default: Entry()]) }
    }
}
