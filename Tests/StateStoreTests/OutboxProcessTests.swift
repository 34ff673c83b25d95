// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Glibc
import Quantities
import Testing

@testable import StateStore

@Suite("The outbox and processes", .timeLimit(.minutes(10))) struct OutboxProcessTests {
    private static func place(of process: pid_t) -> String { "/tmp/outbox-kill-\(process)" }

    private static func open(_ place: String) async -> (StateStore, TelemetryStore) {
        let disk = await openStore(.file(place + "/state/state.sqlite"))
        let store = await TelemetryStore.open(
            young: .file(place + "/run/outbox.sqlite"), executor: QueueExecutor(), disk: disk, at: testTime,
            in: nil,
            newSeries: { String(UInt32.random(in: 0...UInt32.max), radix: 16) })
        return (disk, store)
    }

    @Test(
        "Killed with -9 while it samples, acknowledges and moves, no sample that was stored is missing after it"
    )
    func killed() async throws {
        let place = Self.place(of: getpid())
        removeTree(place)
        defer { removeTree(place) }
        var finished: Int64 = 0
        var children = 0
        // More of them where the machine is so slow that these have sampled hardly anything.
        while children < 20 || finished <= 100 {
            children += 1
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let place = Self.place(of: getppid())
                let (_, store) = await Self.open(place)
                let delay = UInt32.random(in: 0...60_000)
                DispatchQueue(label: "killer").async {
                    usleep(delay)
                    kill(getpid(), SIGKILL)
                }
                var time = Duration.seconds(10)
                while true {
                    let samples = (0..<5).map { index in
                        NewSample(
                            stream: "thermostat1", telemetry: "temperature", value: Double(index),
                            isSimulated: false, bootID: "boot", sinceBoot: time,
                            wall: testTime.advanced(by: time))
                    }
                    let stored = await store.append(samples)
                    time += .seconds(8)
                    write(Array("\(stored[4].key.sequence)".utf8), to: place + "/stored")
                    // Each third message is acknowledged; the others have to be found.
                    await store.remove(stored.map(\.key).filter { $0.sequence.isMultiple(of: 3) })
                    if Bool.random() {
                        _ = await store.sync(at: StoreMoment(bootID: "boot", sinceBoot: time, wall: nil))
                    }
                }
            }
            finished = Int64(String(decoding: contents(place + "/stored"), as: UTF8.self)) ?? 0
        }
        let (disk, store) = await Self.open(place)
        #expect(store.opening.isEmpty && disk.opening.isEmpty)
        let waiting = await store.oldest(limit: 1_000_000)
        let last = waiting.last?.key.sequence ?? 0
        #expect(last >= finished - 1)
        #expect(waiting.map(\.key.sequence) == waiting.map(\.key.sequence).sorted())
        let missing = Set(1...last).subtracting(waiting.map(\.key.sequence))
        #expect(missing.allSatisfy { $0.isMultiple(of: 3) })
        let summary = await store.summary(
            of: "thermostat1", since: testTime, until: testTime.advanced(by: .seconds(86_400)))
        // The newest may be an acknowledged one, which only the history still knows.
        let newest = summary?.count ?? 0
        #expect(newest == last || (newest == last + 1 && newest.isMultiple(of: 3)))
        await store.close()
    }
}
