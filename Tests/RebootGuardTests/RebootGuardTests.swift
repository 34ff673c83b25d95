// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import RebootGuard
import StrictJSON
import Testing

@Suite("Reboot on request: who gets one, and how it goes")
struct RebootGuardTests {
    private func refusal(_ answer: RebootAnswer?) throws -> RebootRefusal {
        guard case .refused(let refusal)? = answer else { throw NotRefused(answer: answer) }
        return refusal
    }

    private struct NotRefused: Error { var answer: RebootAnswer? }

    @Test("A request goes from the record over the relays to the machine, each after the other")
    func order() {
        var bench = Bench()
        bench.done = []
        #expect(bench.request("a", delay: 5) == .accepted(id: "a"))
        #expect(bench.done == [.report])
        bench.pass(.milliseconds(4_900))
        #expect(bench.guarding.relaysMayRun)
        bench.pass(.milliseconds(100))
        #expect(
            bench.done == [
                .report, .holdRelays("the machine is about to reboot"), .report, .prepare(isForced: false),
                .report, .askPower,
            ])
        #expect(!bench.guarding.relaysMayRun)
        #expect(bench.guarding.journal.last?.state == .goingDown)
        // What power is asked for is on the disk.
        #expect(RebootJournal(json: bench.asked[0].disk)?.last?.askedUptime == .seconds(605))
    }

    @Test("An accepted request is on the disk first, then reported, then answered")
    func reportedFirst() {
        var bench = Bench()
        let request = RebootRequest(id: "a", origin: .hub, delay: .seconds(5))
        let asked = bench.guarding.handle(
            .request(request, RebootConditions()), at: bench.uptime, wall: bench.wall)
        #expect(asked == [.write(.acceptance)])
        let written = bench.guarding.handle(
            .written(.acceptance, isDurable: true), at: bench.uptime, wall: bench.wall)
        #expect(written == [.report, .answer(.accepted(id: "a"))])
    }

    @Test("A reboot without delay waits for its answer, but no more than 2 s")
    func confirmation() {
        var bench = Bench()
        bench.confirms = false
        #expect(bench.request("a", delay: 0) == .accepted(id: "a"))
        bench.pass(.milliseconds(1_900))
        #expect(bench.asked.isEmpty)
        bench.pass(.milliseconds(100))
        #expect(bench.asked.count == 1)
        var confirmed = Bench()
        _ = confirmed.request("a", delay: 0)
        #expect(confirmed.asked.count == 1)
    }

    @Test(
        "Another boot id is the proof: completed, with what it took, reported until it is acknowledged once")
    func completed() throws {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.handle(.shutdownSignal)
        bench.handle(.ending)
        bench.wall = bench.wall?.advanced(by: .seconds(42))
        bench.reboot(after: .seconds(30))
        let record = try #require(bench.guarding.journal.last)
        #expect(record.state == .completed)
        #expect(record.duration == .seconds(42))
        #expect(record.reason.isEmpty)
        #expect(bench.guarding.journal.expectedBoots == 1)
        #expect(bench.guarding.journal.unexpectedBoots == 0)
        #expect(bench.guarding.relaysMayRun)
        #expect(!record.isAcknowledged)
        bench.handle(.acknowledged(id: "a"))
        bench.crash()
        #expect(bench.guarding.journal.last?.isAcknowledged == true)
        #expect(bench.guarding.journal.last?.state == .completed)
    }

    @Test("A duration that a clock without battery makes up is not told", arguments: [-5, 3, 4_000])
    func duration(seconds: Int) {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.wall = bench.wall?.advanced(by: .seconds(seconds))
        bench.reboot(after: .seconds(20))
        #expect(bench.guarding.journal.last?.state == .completed)
        #expect(bench.guarding.journal.last?.duration == nil)
    }

    @Test("A restart of the process alone goes on with what is not due yet, and fails what was")
    func processRestart() {
        var bench = Bench()
        _ = bench.request("a", delay: 60)
        bench.pass(.seconds(30))
        bench.crash()
        #expect(bench.guarding.journal.last?.state == .pending)
        bench.pass(.seconds(30))
        #expect(bench.asked.map(\.id) == ["a"])

        var late = Bench()
        _ = late.request("a", delay: 60)
        late.uptime += .seconds(61)
        late.crash()
        #expect(late.guarding.journal.last?.state == .failed)
        #expect(late.guarding.journal.last?.reason == "the agent did not run when it was due")
        late.pass(.seconds(600))
        #expect(late.asked.isEmpty)
    }

    @Test("A restart with rebooting switched off fails what is not due yet, and says why")
    func restartSwitchedOff() throws {
        var bench = Bench()
        _ = bench.request("a", delay: 60)
        bench.pass(.seconds(30))
        let journal = try #require(RebootJournal(json: bench.disk))
        var next = RebootGuard(mode: .off, journal: journal)
        _ = next.start(bootID: "boot-1", at: bench.uptime, wall: bench.wall)
        #expect(next.journal.last?.state == .failed)
        #expect(next.journal.last?.reason == "rebooting was switched off before it was due")
    }

    @Test("A crash after the machine was asked does not ask twice, and does not switch relays on meanwhile")
    func crashWhileAsking() {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.crash()
        #expect(!bench.guarding.relaysMayRun)
        #expect(bench.guarding.journal.last?.state == .goingDown)
        bench.pass(.seconds(60))
        #expect(bench.asked.count == 1)
        #expect(bench.guarding.journal.last?.state == .failed)
        #expect(bench.guarding.relaysMayRun)
    }

    @Test("Without a sign of the shutdown within 60 s it has failed, and control goes on")
    func noSignal() {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.done = []
        bench.pass(.milliseconds(59_900))
        #expect(bench.done.isEmpty)
        bench.pass(.milliseconds(100))
        #expect(bench.done == [.report, .releaseRelays, .resume])
        #expect(bench.guarding.journal.last?.state == .failed)
        #expect(
            bench.guarding.journal.last?.reason == "the machine did not begin to shut down within 60 s")
    }

    @Test(
        "A sign of the shutdown ends the waiting; a machine that stays up for 10 min has failed all the same")
    func hungShutdown() {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.pass(.seconds(59))
        bench.handle(.shutdownSignal)
        bench.pass(.seconds(599))
        #expect(bench.guarding.journal.last?.state == .goingDown)
        bench.pass(.seconds(1))
        #expect(bench.guarding.journal.last?.state == .failed)
    }

    @Test("What cannot be prepared or is refused has failed with that reason")
    func notPrepared() {
        var bench = Bench()
        bench.problem = "gpio line 17 is not confirmed off"
        _ = bench.request("a", delay: 0)
        #expect(bench.asked.isEmpty)
        #expect(bench.guarding.journal.last?.reason == "gpio line 17 is not confirmed off")
        bench.problem = nil
        _ = bench.request("b", delay: 0)
        bench.handle(.powerRefused("access denied"))
        #expect(bench.guarding.journal.last?.reason == "access denied")
        #expect(bench.guarding.relaysMayRun)
    }

    @Test("The same request within 60 s is the same reboot; another one, or a later one, is told to wait")
    func repeated() throws {
        var bench = Bench()
        #expect(bench.request("a", delay: 100) == .accepted(id: "a"))
        bench.pass(.seconds(59))
        #expect(bench.request("b", delay: 100) == .accepted(id: "a"))
        let other = try refusal(bench.request("c", delay: 30))
        #expect(other.status == 409)
        #expect(other.wait == .seconds(41))
        #expect(try refusal(bench.request("d", delay: 100, origin: .local)).status == 409)
        bench.pass(.seconds(1))
        #expect(try refusal(bench.request("e", delay: 100)).wait == .seconds(40))
        bench.pass(.seconds(200))
        #expect(bench.asked.map(\.id) == ["a"])
    }

    @Test(
        "What is in the way is a 409 with the reason and the time to wait, and force overrides it here only")
    func conditions() throws {
        let cases: [(RebootConditions, String, Duration)] = [
            (RebootConditions(isStored: false), "not on the disk", .seconds(30)),
            (RebootConditions(inhibitor: "apt: upgrading"), "apt: upgrading", .seconds(60)),
            (
                RebootConditions(
                    criticalPhase: .init(
                        "thermostat1 is in its minimum on time", remaining: .milliseconds(90_500))),
                "minimum on time", .milliseconds(90_500)
            ),
        ]
        for (conditions, text, wait) in cases {
            var bench = Bench()
            for force in [false, true] {
                let refused = try refusal(bench.request("a", force: force, conditions))
                #expect(refused.status == 409)
                #expect(refused.reason.contains(text))
                #expect(refused.reason.contains("Try again in \(wait.wholeSeconds) s."))
                #expect(refused.wait == wait)
            }
            #expect(bench.request("a", origin: .local, force: true, conditions) == .accepted(id: "a"))
        }
    }

    @Test("Off is 403, a dry run does nothing, a delay out of range is 400")
    func modes() throws {
        var off = Bench(mode: .off)
        #expect(try refusal(off.request("a")).status == 403)
        #expect(try refusal(off.request("a", origin: .local, force: true)).status == 403)
        var dry = Bench(mode: .dryRun)
        #expect(dry.request("a") == .dryRun)
        dry.pass(.seconds(7_200))
        #expect(dry.asked.isEmpty)
        #expect(dry.guarding.journal.records.isEmpty)
        var armed = Bench()
        #expect(try refusal(armed.request("a", delay: 3_601)).status == 400)
        #expect(try refusal(armed.request("a", delay: -1)).status == 400)
    }

    @Test("A machine that has just started is left alone")
    func uptime() throws {
        var bench = Bench(uptime: .seconds(100))
        let refused = try refusal(bench.request("a"))
        #expect(refused.wait == .seconds(200))
        bench.pass(.seconds(200))
        #expect(bench.request("a") == .accepted(id: "a"))
    }

    @Test("Two an hour and three a day, over boots, however the wall clock jumps")
    func limits() throws {
        var bench = Bench()
        for id in ["a", "b"] {
            #expect(bench.request(id, delay: 0) == .accepted(id: id))
            bench.wall = bench.wall?.advanced(by: .seconds(20 * 365 * 86_400))
            bench.reboot(after: .seconds(60))
            bench.pass(.seconds(300))
        }
        let hourly = try refusal(bench.request("c"))
        #expect(hourly.reason.contains("2 reboots an hour"))
        // The two boots have lasted 360 s each since the first request.
        #expect(hourly.wait == .seconds(3_600 - 720))
        bench.pass(.seconds(3_600))
        #expect(bench.request("c", delay: 0) == .accepted(id: "c"))
        bench.reboot()
        bench.pass(.seconds(2 * 3_600))
        #expect(try refusal(bench.request("d")).reason.contains("3 reboots in 24 hours"))
        bench.pass(.seconds(22 * 3_600))
        #expect(bench.request("d", delay: 0) == .accepted(id: "d"))
    }

    @Test("Without a record on the disk nothing is accepted")
    func fullDisk() throws {
        var bench = Bench()
        bench.diskWorks = false
        let refused = try refusal(bench.request("a"))
        #expect(refused.status == 409)
        #expect(refused.reason.contains("state directory"))
        bench.pass(.seconds(60))
        #expect(bench.asked.isEmpty)
        bench.diskWorks = true
        _ = bench.request("b", delay: 10)
        bench.diskWorks = false
        bench.pass(.seconds(10))
        #expect(bench.asked.isEmpty)
        #expect(bench.guarding.journal.last?.state == .failed)
        // What the disk does not hold is not told: after a loss of power it could come out otherwise.
        #expect(bench.guarding.durable.last?.state == .pending)
        bench.diskWorks = true
        bench.pass(.seconds(60))
        #expect(bench.guarding.durable.last?.state == .failed)
    }

    @Test("After its record was damaged no reboot is made for an hour")
    func lostJournal() throws {
        var bench = Bench(uptime: .seconds(100_000))
        bench.disk = "damaged"
        bench.crash()
        #expect(try refusal(bench.request("a")).wait == .seconds(3_600))
        bench.pass(.seconds(1_800))
        bench.crash()
        #expect(try refusal(bench.request("a")).wait == .seconds(1_800))
        bench.pass(.seconds(1_800))
        #expect(bench.request("a") == .accepted(id: "a"))
    }

    @Test(
        "A record with times that cannot be is damaged, and does not refuse or delay reboots for ever",
        arguments: ["acceptedAt", "acceptedUptime", "askedUptime", "delay", "startedAt", "lostAt"])
    func impossibleJournal(member: String) throws {
        var bench = Bench(uptime: .seconds(100_000))
        #expect(bench.request("a", delay: 60) == .accepted(id: "a"))
        bench.pass(.seconds(60))
        #expect(RebootJournal(json: bench.disk) != nil)
        let number = try Regex("\"\(member)\":[0-9]+")
        let text = bench.disk.text
        let damaged =
            text.contains(number)
            ? text.replacing(number, with: "\"\(member)\":9000000000000000000")
            : text.replacing(/^{/, with: "{\"\(member)\":9000000000000000000,")
        #expect(damaged != text)
        #expect(RebootJournal(json: try JSONValue(parsing: damaged)) == nil)
    }

    @Test("Without a boot id there is no proof and no reboot")
    func noBootID() throws {
        var bench = Bench()
        bench.guarding = RebootGuard(mode: .armed, journal: RebootJournal())
        _ = bench.guarding.start(bootID: nil, at: .seconds(900), wall: nil)
        #expect(try refusal(bench.request("a")).reason.contains("boot id"))
    }

    @Test("The journal comes back from the disk as it was")
    func journal() {
        var bench = Bench()
        _ = bench.request("a")
        bench.pass(.seconds(5))
        bench.reboot()
        _ = bench.request("b", origin: .local, force: true)
        #expect(RebootJournal(json: bench.guarding.journal.json) == bench.guarding.journal)
        for name in ["version", "base", "boots", "isSafe"] {
            var json = bench.guarding.journal.json
            json[name] = .string("x")
            #expect(RebootJournal(json: json) == nil, "\(name)")
        }
    }
}
