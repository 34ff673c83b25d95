// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import RebootGuard
import Testing

@Suite("Boots that nobody asked for, and safe mode")
struct SafeModeTests {
    @Test("Five starts within 30 min are a loop: relays stay off until a reset")
    func loop() {
        var bench = Bench(uptime: .seconds(60))
        for _ in 2...4 { bench.reboot() }
        #expect(bench.guarding.relaysMayRun)
        bench.done = []
        bench.reboot()
        #expect(bench.guarding.journal.isSafe)
        #expect(!bench.guarding.relaysMayRun)
        #expect(bench.done == [.report, .holdRelays(RebootGuard.safeText)])
        #expect(bench.guarding.journal.unexpectedBoots == 4)
        #expect(bench.guarding.journal.abruptBoots == 4)
        bench.crash()
        #expect(!bench.guarding.relaysMayRun)
        bench.done = []
        bench.handle(.reset)
        #expect(bench.done == [.report, .releaseRelays])
        bench.reboot()
        #expect(bench.guarding.relaysMayRun)
    }

    @Test("An hour without another start ends safe mode, and another start begins the hour anew")
    func quiet() {
        var bench = Bench(uptime: .seconds(60))
        for _ in 2...5 { bench.reboot() }
        bench.pass(.seconds(3_599))
        #expect(bench.guarding.journal.isSafe)
        bench.reboot()
        bench.pass(.seconds(3_599))
        #expect(bench.guarding.journal.isSafe)
        bench.pass(.seconds(1))
        #expect(!bench.guarding.journal.isSafe)
        #expect(bench.guarding.relaysMayRun)
    }

    @Test("Boots of some length are no loop", arguments: [(601, false), (300, true)])
    func spaced(seconds: Int, isLoop: Bool) {
        var bench = Bench(uptime: .seconds(20))
        for _ in 2...5 {
            bench.pass(.seconds(seconds))
            bench.reboot()
        }
        #expect(bench.guarding.journal.isSafe == isLoop)
    }

    @Test("Evenings of a few minutes are no loop where the clock can be believed")
    func evenings() {
        var bench = Bench(uptime: .seconds(20))
        for _ in 2...6 {
            bench.pass(.seconds(120))
            bench.wall = bench.wall?.advanced(by: .seconds(86_400))
            bench.reboot()
        }
        #expect(!bench.guarding.journal.isSafe)
    }

    @Test("A start after an end in order is unexpected, but not abrupt; the first one ever is neither")
    func counts() {
        var bench = Bench()
        #expect(bench.guarding.journal.unexpectedBoots == 0)
        bench.handle(.ending)
        bench.reboot()
        #expect(bench.guarding.journal.unexpectedBoots == 1)
        #expect(bench.guarding.journal.abruptBoots == 0)
        bench.reboot()
        #expect(bench.guarding.journal.unexpectedBoots == 2)
        #expect(bench.guarding.journal.abruptBoots == 1)
    }

    @Test("A reboot that is under way in safe mode does not let relays run when it fails")
    func failure() {
        var bench = Bench(uptime: .seconds(60))
        for _ in 2...5 { bench.reboot() }
        bench.pass(.seconds(600))
        bench.done = []
        #expect(bench.request("a", delay: 0) == .accepted(id: "a"))
        bench.handle(.powerRefused("no"))
        #expect(!bench.guarding.relaysMayRun)
        #expect(!bench.done.contains(.releaseRelays))
    }
}
