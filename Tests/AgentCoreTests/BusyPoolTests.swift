// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import HardwareIO
import PlugAndPlay
import Quantities
import StrictJSON
import Testing
import ThermostatControl
import ThreadExecutor

@testable import AgentCore

@Suite("With every thread of Swift's shared pool busy", .serialized, .timeLimit(.minutes(10)))
struct BusyPoolTests {
    private let lines = RecordingLines()
    private let ticks = DispatchSemaphore(value: 0)
    private let thread = ThreadExecutor(name: "control")
    private let requests = ThreadExecutor(name: "requests")
    private let loop: ControlLoop

    init() {
        let time = ThreadTime(MachineTime(), on: thread)
        let settings = ControlSettings(
            limits: .withRelay, mode: .heat,
            gate: GateSettings(minimumOn: .zero, minimumOff: .zero, maximumOn: .seconds(3_600)),
            watch: WatchSettings(period: .milliseconds(100), maximumAge: .milliseconds(500)),
            drivesRealOutput: true)
        loop = ControlLoop(
            [
                .thermostat1: ControlLoop.StationSetup(
                    sensor: SensorName("a"), settings: settings, relay: RelayRig.relay)
            ],
            isSimulated: false, outputs: lines, time: time,
            boot: ControlLoop.Boot(id: "boot", start: .now), executor: thread)
    }

    @Test("the control still ticks, and a reading that grows old switches the relay off")
    func stale() async {
        let ticking = await heat()
        PoolBlocker.whileBusy {
            let limit = ContinuousClock.now.advanced(by: .seconds(20))
            while isHeated, ContinuousClock.now < limit { waitForTick() }
            #expect(!isHeated)
            waitForTick()
        }
        ticking.cancel()
        await ticking.value
    }

    @Test("a request on its own thread latches the relay off")
    func relayOff() async {
        let ticking = await heat()
        let executor = ThreadTaskExecutor(requests)
        let storing = RelayOffRequest.Storing(time: MachineTime(), on: executor) { $0.count == 1 }
        let handler = RelayOffRequest.handler(control: loop, storing: storing)
        let answered = DispatchSemaphore(value: 0)
        PoolBlocker.whileBusy {
            Task(executorPreference: executor) {
                let answer = try? await handler(RelayOffRequest.arguments(reason: "a test")) { _ in }
                let lines = answer.flatMap(RelayOffRequest.lines)
                #expect(lines?.map(\.isConfirmedOff) == [true] && lines?.map(\.isStored) == [true])
                answered.signal()
            }
            #expect(answered.wait(timeout: .now() + 10) == .success)
            #expect(!isHeated)
        }
        ticking.cancel()
        await ticking.value
        requests.shutdown()
    }

    private var isHeated: Bool { lines.sets(of: RelayRig.line).last == true }

    /// Waits for the end of one more tick.
    private func waitForTick() { #expect(ticks.wait(timeout: .now() + 10) == .success) }

    /// Ticks quickly, with a cold room and the relay on.
    private func heat() async -> Task<Void, Never> {
        let hasBegun = Ending()
        let ticking = loop.startTicking(every: .milliseconds(10)) { [ticks] in
            hasBegun.tell()
            ticks.signal()
        }
        await hasBegun.wait()
        while !isHeated {
            let reading = Reading(
                sensor: SensorName("a"), measurements: [Measurement(.temperature, 15)],
                source: .hardware(driver: "test", place: "test"), takenAt: MachineTime().now())
            _ = await loop.record(reading)
        }
        return ticking
    }
}

/// Keeps Swift's shared pool from running anything.
private enum PoolBlocker {
    /// More than any machine has threads for one priority.
    private static let count = 256

    /// Runs `body`, which must not wait for a task of the pool, while none of them runs.
    static func whileBusy(_ body: () -> Void) {
        let door = DispatchSemaphore(value: 0)
        let priorities: [TaskPriority] = [.high, .medium, .low, .background]
        for priority in priorities {
            for _ in 0..<count { Task.detached(priority: priority) { pass(door) } }
        }
        // Comes after those, so it shows that none of them is through.
        let late = Ending()
        for priority in priorities { Task.detached(priority: priority) { late.tell() } }
        body()
        #expect(!late.isTold, "the pool was not busy")
        for _ in 0..<count * priorities.count { door.signal() }
    }

    private static func pass(_ door: DispatchSemaphore) { door.wait() }
}

/// The clock of this machine.
private struct MachineTime: TimeSource {
    func now() -> Now { Now(monotonic: .now, wall: nil, wallIsTrusted: false) }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        do { try await Task.sleep(until: deadline, clock: .continuous) } catch { throw CancellationError() }
    }
}
