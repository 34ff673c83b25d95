// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Glibc
import IoTHub
import MosquittoTransport
import PlugAndPlay
import Quantities
import StateStore
import Synchronization
import ThreadExecutor

/// The whole way of telemetry: sample, both tiers of the store, TLS, acknowledgement, and the store forgets it.
enum DurableTelemetry {
    /// Samples that are offered and not yet acknowledged: enough that the sender never waits for the next one.
    private static let ahead = 512
    /// Sixty times as often as shipped, so that the disk has its share in a short run.
    private static let syncInterval = Duration.seconds(1)

    /// Sends so many samples to the hub of the environment; prints how fast, and the processor time for all threads.
    static func run(state: String, young: String, count: Int) async throws(Failure) {
        let (stream, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let parts = Installation.Parts(
            client: try .ofEnvironment(), transport: MosquittoTransport(sharing: SharedThread.executor),
            state: state, young: young,
            syncInterval: syncInterval)
        let counter = Counter()
        let installation = try await Installation(parts) {
            counter.add()
            sink.yield()
        }
        var settings = StoreSettings.disk.map { "state: \($0)" }
        settings += StoreSettings.young.map { "young: \($0)" }
        try await installation.run { () async throws(Failure) in
            let (start, cpu) = (monotonicNanoseconds(), processorSeconds())
            var offered = 0
            var signals = stream.makeAsyncIterator()
            while counter.count < count {
                while offered < count, offered - counter.count < ahead {
                    await installation.pump.offer(
                        21.5, of: .temperature(of: .thermostat1), simulated: true,
                        takenAt: installation.time.now())
                    offered += 1
                }
                _ = await signals.next()
            }
            let seconds = Double(monotonicNanoseconds() - start) / 1e9
            let list = settings.map { "\"\($0)\"" }.joined(separator: ", ")
            write(
                """
                {"acked": \(counter.count), "seconds": \(seconds), "cpu": \(processorSeconds() - cpu), \
                "settings": [\(list)]}
                """)
        }
    }

    /// The processor time of this process so far.
    private static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// Counts what any thread tells.
    private final class Counter: Sendable {
        private let value = Atomic(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add() { value.add(1, ordering: .relaxed) }
    }
}
