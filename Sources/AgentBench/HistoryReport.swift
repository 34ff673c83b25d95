// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import StateStore

/// How long `getMaxMinReport` takes for a long time.
enum HistoryReport {
    private static let interval = 8
    /// Samples that are stored in one go, half an hour of them, to have the history soon.
    private static let atOnce = 225
    private static let reports = 50

    /// Stores so many days of samples as the agent does, then asks for all of them again and again; prints how long that
    /// took.
    static func run(state: String, young: String, days: Int) async throws(Failure) {
        let start = WallTime(millisecondsSince1970: 1_767_225_600_000)
        let store = try await BenchStore.open(state: state, young: young, at: start)
        let count = days * 86_400 / interval
        for first in stride(from: 0, to: count, by: atOnce) {
            let samples = (first..<min(first + atOnce, count)).map { sample($0, start) }
            let stored = await store.telemetry.append(samples)
            await store.telemetry.remove(stored.map(\.key))
            let end = Duration.seconds((first + atOnce) * interval)
            let moment = StoreMoment(bootID: "bench", sinceBoot: end, wall: start.advanced(by: end))
            if case .failed(let error) = await store.telemetry.sync(at: moment) {
                throw Failure(message: "the store does not take the samples: \(error)")
            }
        }
        var delays = Delays()
        var found = 0
        for _ in 0..<reports {
            let began = monotonicNanoseconds()
            let summary = await store.telemetry.summary(
                of: "thermostat1", since: start, until: start.advanced(by: .seconds(count * interval)),
                simulated: true)
            delays.nanoseconds.append(monotonicNanoseconds() - began)
            found = Int(summary?.count ?? 0)
        }
        guard found == count else {
            throw Failure(message: "the report covers \(found) of \(count) samples")
        }
        write(delays.line("report"))
        await store.close()
    }

    private static func sample(_ number: Int, _ start: WallTime) -> NewSample {
        let age = Duration.seconds(number * interval)
        return NewSample(
            stream: "thermostat1", telemetry: "temperature", value: 20 + Double(number % 1_000) / 100,
            isSimulated: true, bootID: "bench", sinceBoot: age, wall: start.advanced(by: age))
    }
}
