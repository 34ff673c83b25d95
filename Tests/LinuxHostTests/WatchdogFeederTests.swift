// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LinuxHost

@Suite("WatchdogFeeder") struct WatchdogFeederTests {
    private let start = ContinuousClock.now

    @Test("The first chance is taken, then each that comes an interval or more after the last")
    func rhythm() {
        var feeder = WatchdogFeeder(interval: .seconds(15))
        let fed = (0...60).filter { feeder.isDue(at: start.advanced(by: .seconds($0))) }
        #expect(fed == [0, 15, 30, 45, 60])
    }

    @Test(
        "With chances every second, no gap reaches a manager's limit of two seconds or more",
        arguments: 2...60)
    func neverLate(limit: Int) {
        let manager = ServiceManager(environment: ["WATCHDOG_USEC": "\(limit)000000"])
        var feeder = WatchdogFeeder(interval: manager.watchdogInterval)
        let fed = (0...300).filter { feeder.isDue(at: start.advanced(by: .seconds($0))) }
        #expect(fed.first == 0)
        #expect(zip(fed, fed.dropFirst()).allSatisfy { $1 - $0 < limit })
    }

    @Test("Nobody is fed where there is no watchdog")
    func absent() {
        var feeder = WatchdogFeeder(interval: nil)
        let fed = (0...60).filter { feeder.isDue(at: start.advanced(by: .seconds($0))) }
        #expect(fed.isEmpty)
    }

    @Test("A time that stands still or goes back feeds nobody twice")
    func backwards() {
        var feeder = WatchdogFeeder(interval: .seconds(15))
        let answers = [0, 0, -100, 14, 15].map { feeder.isDue(at: start.advanced(by: .seconds($0))) }
        #expect(answers == [true, false, false, false, true])
    }
}
