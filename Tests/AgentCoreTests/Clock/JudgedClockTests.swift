// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import Synchronization
import TestClocks
import Testing

@testable import AgentCore

/// A machine whose clock a test sets.
struct ClockRig {
    static let built = WallTime(millisecondsSince1970: 1_780_000_000_000)
    static let beginning = WallTime(millisecondsSince1970: 12_000)
    static let day = Duration.seconds(86_400)

    let time = SteppedTime()
    let isSynchronised = Mutexed(false)
    let clock: JudgedClock

    /// Begins ten seconds after the boot.
    init(wall: WallTime, lastKnown: WallTime? = nil, patience: Duration = .seconds(120)) {
        time.setWall(wall)
        let flag = isSynchronised
        clock = JudgedClock(
            time, bootTime: time.start.advanced(by: .seconds(-10)),
            judge: ClockJudge(floor: Self.built, lastKnown: lastKnown, patience: patience)
        ) { ClockSigns(kernelIsSynchronised: flag.value) }
    }
}

/// A value that tests and what they test share.
final class Mutexed<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func change(_ body: (inout Value) -> Void) { state.withLock { body(&$0) } }
}

@Suite struct JudgedClockTests {
    private let now = ClockRig.built.advanced(by: .seconds(40 * 86_400))

    @Test("A clock in 1970 is not trusted until it is set, and then dates what was before")
    func set() async {
        let rig = ClockRig(wall: ClockRig.beginning)
        #expect(!rig.clock.now().wallIsTrusted && rig.clock.now().trustedWall == nil)
        let sampled = rig.clock.now().monotonic
        rig.time.advance(to: .seconds(600))
        rig.time.setWall(now)
        #expect(!rig.clock.now().wallIsTrusted, "only a look asks who has set it")
        rig.isSynchronised.value = true
        let look = rig.clock.look()
        #expect(look.verdict == .sure(.timeService) && look.step > .seconds(86_400))
        #expect(rig.clock.now().wallIsTrusted)
        await rig.clock.waitUntilTrusted()
        let sinceBoot = Duration.seconds(10) + rig.time.start.duration(to: sampled)
        #expect(rig.clock.bootClock?.date(sinceBoot: sinceBoot) == now.advanced(by: .seconds(-600)))
    }

    @Test("A clock that falls behind what it was is distrusted at once, without a look")
    func fall() {
        let rig = ClockRig(wall: now)
        rig.isSynchronised.value = true
        #expect(rig.clock.look().verdict == .sure(.timeService))
        rig.isSynchronised.value = false
        rig.time.stepWall(by: .zero - ClockRig.day * 3)
        #expect(!rig.clock.now().wallIsTrusted)
        #expect(!rig.clock.look().verdict.isTrusted)
        rig.time.stepWall(by: ClockRig.day * 3)
        #expect(rig.clock.look().verdict == .sure(.timeService))
        #expect(rig.clock.now().wallIsTrusted)
    }

    @Test("Running is no step, and a step is told once", arguments: [-3, 3])
    func steps(days: Int) {
        let rig = ClockRig(wall: now, patience: .zero)
        for second in 1...100 {
            rig.time.advance(to: .seconds(second * 5))
            #expect(rig.clock.look().step == .zero)
        }
        rig.time.stepWall(by: ClockRig.day * days)
        #expect(rig.clock.look().step == ClockRig.day * days)
        #expect(rig.clock.look().step == .zero)
        #expect(rig.clock.now().wallIsTrusted)
    }

    @Test("A base that does not trust its clock is believed")
    func base() {
        let rig = ClockRig(wall: now, patience: .zero)
        let untrusting = VirtualTime(wall: now, isTrusted: false)
        let clock = JudgedClock(
            untrusting, bootTime: untrusting.now().monotonic,
            judge: ClockJudge(floor: ClockRig.built, patience: .zero)
        ) { ClockSigns() }
        #expect(rig.clock.now().wallIsTrusted && !clock.now().wallIsTrusted)
    }
}
