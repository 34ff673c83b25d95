// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ThermostatControl

@Suite("Output gate")
struct OutputGateTests {
    typealias Request = OutputGate.Request

    /// One row of an event table: at this second, asked for this, the output is so and held by that.
    struct Row: CustomTestStringConvertible, Sendable {
        let at: Double
        let request: Request
        let isOn: Bool
        let hold: OutputGate.Hold
        let remaining: Double
        var testDescription: String { "\(at) s \(request)" }

        init(
            _ at: Double, _ request: Request, _ isOn: Bool, _ hold: OutputGate.Hold = .none,
            _ remaining: Double = 0
        ) {
            (self.at, self.request, self.isOn, self.hold, self.remaining) = (
                at, request, isOn, hold, remaining
            )
        }
    }

    private static let settings = GateSettings(
        minimumOn: .seconds(20), minimumOff: .seconds(30), maximumOn: .seconds(100))

    private func expect(_ rows: [Row], offSince: Double? = nil) {
        let time = Timeline()
        var gate = OutputGate(Self.settings, startedAt: time.instant(0), offSince: offSince.map(time.instant))
        for row in rows {
            let outcome = gate.decide(row.request, at: time.instant(row.at))
            #expect(outcome.isOn == row.isOn, "\(row.testDescription)")
            #expect(outcome.hold == row.hold, "\(row.testDescription)")
            #expect(outcome.remaining == .seconds(row.remaining), "\(row.testDescription)")
            #expect(gate.isOn == row.isOn)
        }
    }

    @Test("after a start the whole off time passes first")
    func startHold() {
        expect([
            Row(0, .on, false, .minimumOff, 30), Row(29.5, .on, false, .minimumOff, 0.5), Row(30, .on, true),
        ])
    }

    @Test("a proven time of switching off counts, one in the future does not")
    func provenOffTime() {
        expect([Row(0, .on, false, .minimumOff, 10), Row(10, .on, true)], offSince: -20)
        expect([Row(0, .on, true)], offSince: -30)
        expect([Row(0, .on, false, .minimumOff, 30)], offSince: 50)
    }

    @Test("the minimum on time holds against off, and only a forced off passes it")
    func minimumOn() {
        expect([
            Row(30, .on, true), Row(35, .off, true, .minimumOn, 15), Row(49, .off, true, .minimumOn, 1),
            Row(50, .off, false),
        ])
        expect([Row(30, .on, true), Row(31, .forcedOff, false), Row(32, .on, false, .minimumOff, 29)])
    }

    @Test("the minimum off time holds against on, after every way of going off")
    func minimumOff() {
        expect([
            Row(30, .on, true), Row(60, .off, false), Row(89, .on, false, .minimumOff, 1), Row(90, .on, true),
        ])
    }

    @Test("a request that changes its mind leaves the timers alone")
    func flapping() {
        expect([
            Row(30, .on, true), Row(31, .off, true, .minimumOn, 19), Row(32, .on, true),
            Row(33, .off, true, .minimumOn, 17), Row(50, .off, false),
        ])
    }

    @Test("stay keeps on and off as they are")
    func stay() {
        expect([Row(40, .stay, false), Row(41, .on, true), Row(50, .stay, true), Row(70, .stay, true)])
    }

    @Test("at the maximum on time it goes off and is locked out for twice the off time")
    func maximumOn() {
        expect([
            Row(30, .on, true), Row(129.9, .on, true), Row(130, .on, false, .limit, 60),
            Row(131, .off, false, .limit, 59), Row(189, .on, false, .limit, 1), Row(190, .on, true),
        ])
    }

    @Test("only the call that ends an on time at the maximum says so")
    func reportsLimitOnce() {
        let time = Timeline()
        var gate = OutputGate(Self.settings, startedAt: time.instant(-60))
        _ = gate.decide(.on, at: time.instant(0))
        let first = gate.decide(.stay, at: time.instant(100))
        let second = gate.decide(.on, at: time.instant(101))
        #expect(first.hasReachedLimit && !second.hasReachedLimit)
    }

    @Test("a forced off before the limit leaves no lock-out behind")
    func forcedOffIsNoLimit() {
        expect([Row(30, .on, true), Row(129, .forcedOff, false), Row(159, .on, true)])
    }

    @Test("the off time can be begun anew while off, and not while on")
    func holdOff() {
        let time = Timeline()
        var gate = OutputGate(Self.settings, startedAt: time.instant(0))
        gate.holdOff(from: time.instant(25))
        #expect(!gate.decide(.on, at: time.instant(54)).isOn)
        #expect(gate.decide(.on, at: time.instant(55)).isOn)
        gate.holdOff(from: time.instant(60))
        #expect(gate.decide(.off, at: time.instant(75)).isOn == false)
    }

    @Test("the times of the load profiles are those that the loads need", arguments: LoadProfile.allCases)
    func profiles(profile: LoadProfile) {
        let gate = profile.gate
        #expect(gate.minimumOn >= .seconds(120) && gate.minimumOff >= .seconds(180))
        #expect(gate.maximumOn > gate.minimumOn && gate.lockOut == gate.minimumOff * 2)
    }
}
