// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import TestClocks
import Testing

@testable import AgentCore

@Suite struct ClockServiceTests {
    private let now = ClockRig.built.advanced(by: .seconds(40 * 86_400))
    private let lines = LogLines()
    private let kept = Mutexed<[WallTime]>([])
    private let sets = Mutexed(0)

    private func run(_ rig: ClockRig, _ body: (Ending) async -> Void) async {
        let (kept, sets) = (kept, sets)
        let service = ClockService(rig.clock, log: lines.logger) { time in
            kept.change { $0.append(time) }
            return nil
        } wasSet: {
            sets.change { $0 += 1 }
        }
        let end = Ending()
        let running = Task { await service.run(until: end) }
        await body(end)
        end.tell()
        await running.value
    }

    @Test("A wrong clock is said once, and the end of it with a call to the connection")
    func wrong() async {
        let rig = ClockRig(wall: ClockRig.beginning)
        await run(rig) { _ in
            for second in 1...30 {
                await rig.time.sleepers(at: [.seconds(second)])
                rig.time.advance(to: .seconds(second))
            }
            await rig.time.sleepers(at: [.seconds(31)])
            #expect(lines.all.count == 1)
            #expect(lines.all.first?.hasPrefix("warning The clock says 1970-01-01T00:00:12.000Z") == true)
            #expect(lines.all.first?.contains("timedatectl set-ntp true") == true)
            #expect(sets.value == 0 && kept.value.isEmpty)
            rig.time.setWall(now)
            rig.isSynchronised.value = true
            rig.time.advance(to: .seconds(31))
            await rig.time.sleepers(at: [.seconds(36)])
            #expect(sets.value == 1 && kept.value == [now.advanced(by: .seconds(1))])
            #expect(lines.all.last == "notice The clock is set by a time service.")
        }
    }

    @Test("A good time is remembered every hour and at the end, and nobody is called")
    func remember() async {
        let rig = ClockRig(wall: now)
        rig.isSynchronised.value = true
        await run(rig) { _ in
            for look in 1...1_440 {
                await rig.time.sleepers(at: [.seconds(5 * look)])
                rig.time.advance(to: .seconds(5 * look))
            }
            await rig.time.sleepers(at: [.seconds(7_205)])
            #expect(kept.value == [0, 3_600, 7_200].map { now.advanced(by: .seconds($0)) })
            rig.time.advance(to: .seconds(7_203))
        }
        #expect(kept.value.last == now.advanced(by: .seconds(7_203)))
        #expect(sets.value == 0)
    }

    @Test("Steps by days are told to the connection, small ones are not", arguments: [-3, 3])
    func steps(days: Int) async {
        let rig = ClockRig(wall: now, patience: .zero)
        await run(rig) { _ in
            await rig.time.sleepers(at: [.seconds(5)])
            rig.time.stepWall(by: ClockRig.day * days)
            rig.time.advance(to: .seconds(5))
            await rig.time.sleepers(at: [.seconds(10)])
            #expect(sets.value == 1)
            let word = days < 0 ? "back" : "forward"
            #expect(lines.all.last == "notice The clock was set \(word) by 3 days.")
            rig.time.stepWall(by: .seconds(20))
            rig.time.advance(to: .seconds(10))
            await rig.time.sleepers(at: [.seconds(15)])
            #expect(sets.value == 1)
        }
        // Nobody vouches for the clock, so nothing is remembered of it.
        #expect(kept.value.isEmpty)
    }

    @Test("Waiting for a time service ends after its time, with a warning that dates may be wrong")
    func patience() async {
        let rig = ClockRig(wall: now)
        await run(rig) { _ in
            for second in 1...110 {
                await rig.time.sleepers(at: [.seconds(second)])
                #expect(!rig.clock.now().wallIsTrusted)
                rig.time.advance(to: .seconds(second))
            }
            await rig.time.sleepers(at: [.seconds(115)])
            #expect(rig.clock.now().wallIsTrusted && rig.clock.verdict.isEstimated && sets.value == 1)
            #expect(lines.all.count == 2)
            #expect(lines.all.last?.contains("dates may be wrong") == true)
        }
    }
}
