// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Quantities
import TestClocks
import Testing

@testable import AgentCore

/// What the clock's service does with chips and disks that do not answer.
@Suite("The clock's service, hanging", .timeLimit(.minutes(10))) struct ClockHangTests {
    private let built = WallTime(millisecondsSince1970: 1_780_000_000_000)
    private let time = SteppedTime()
    private let lines = LogLines()

    private func clock(_ signs: @escaping @Sendable () -> ClockSigns) -> JudgedClock {
        time.setWall(built.advanced(by: .seconds(86_400)))
        return JudgedClock(
            time, bootTime: time.start, judge: ClockJudge(floor: built, lastKnown: nil, patience: .zero),
            signs: signs)
    }

    @Test("A chip that hangs holds up the end for a second, and then is left behind") func chip() async {
        let looks = Mutexed(0)
        let chip = DispatchSemaphore(value: 0)
        let (hangs, hanging) = AsyncStream.makeStream(of: Void.self)
        let clock = clock {
            looks.change { $0 += 1 }
            if looks.value == 2 {
                hanging.finish()
                chip.wait()
            }
            return ClockSigns()
        }
        let service = ClockService(clock, log: lines.logger, keep: { _ in nil }, wasSet: {})
        let end = Ending()
        let running = Task { await service.run(until: end) }
        for await _ in hangs {}
        end.tell()
        await time.sleepers(at: [.seconds(1)])
        time.advance(to: .seconds(1))
        await running.value
        chip.signal()
    }

    @Test("It looks and writes on a thread of its own, because the one it shares carries the hub and the end")
    func thread() async {
        let names = Mutexed<Set<String>>([])
        let isLooking = Mutexed(false)
        let (writes, written) = AsyncStream.makeStream(of: Void.self)
        let clock = clock {
            if isLooking.value { names.change { $0.insert(Self.threadName) } }
            return ClockSigns(kernelIsSynchronised: true)
        }
        isLooking.change { $0 = true }
        let service = ClockService(
            clock, log: lines.logger,
            keep: { _ in
                names.change { $0.insert(Self.threadName) }
                written.finish()
                return nil
            }, wasSet: {})
        let end = Ending()
        let running = Task { await service.run(until: end) }
        for await _ in writes {}
        end.tell()
        await running.value
        #expect(names.value == ["clock"])
    }

    private static var threadName: String {
        let text = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        return text?.trimmingCharacters(in: .newlines) ?? ""
    }
}
