// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities

/// Reads every sensor once, all buses at the same time.
package enum SamplingRound {
    /// Reads the sensors of `setups` into `results`, and leaves the chips as they were found.
    ///
    /// Ends when every sensor has a result, also with a bus that hangs. A cancelled task begins no further sample, and
    /// the chips are left as they were found then as well, for which a bus has a second.
    package static func run(
        _ setups: [SensorSetup], hardware: any Hardware, time: any TimeSource, results: LatestResults
    ) async {
        await withDiscardingTaskGroup { group in
            for (name, setups) in Dictionary(grouping: setups, by: \.bus) {
                group.addTask {
                    let bus = WatchedBus(bus: name, hardware: hardware, time: time)
                    for setup in setups where !Task.isCancelled {
                        record(await bus.sample(setup), of: setup, in: results)
                    }
                    await limited(to: .seconds(1), time) { await bus.close() }
                }
            }
        }
    }

    private static func record(
        _ sample: WatchedBus.Sample, of setup: SensorSetup, in results: LatestResults
    ) {
        switch sample {
        case .reading(let reading):
            if let error = reading.doubt {
                results.record(error, of: setup.name, inARow: 1, doubtful: reading)
            } else {
                results.record(reading)
            }
        case .failure(let error): results.record(error, of: setup.name, inARow: 1)
        case .unanswered(let error):
            results.record(error, of: setup.name, inARow: 1, isUnanswered: true)
        }
    }
}
