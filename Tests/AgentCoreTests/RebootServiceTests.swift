// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities
import RebootGuard
import StrictJSON
import Synchronization
import TestClocks
import Testing
import ThermostatControl

@testable import AgentCore

/// A machine whose disk and power the test decides on; keeps what happened in order.
private final class FakeMachine: RebootMachine {
    enum Step: Hashable {
        case saved(RebootRecord.State?, asked: Bool)
        case asked
    }

    private struct State {
        var steps: [Step] = []
        var journal = RebootJournal()
        var inhibitor: String?
        var news: [PowerNews] = []
    }

    private let state = Mutex(State())
    private let stream: AsyncStream<Step>
    private let feed: AsyncStream<Step>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream() }

    var steps: [Step] { state.withLock(\.steps) }
    var journal: RebootJournal {
        get { state.withLock(\.journal) }
        set { state.withLock { $0.journal = newValue } }
    }
    func inhibit(_ text: String?) { state.withLock { $0.inhibitor = text } }
    func answer(_ news: PowerNews...) { state.withLock { $0.news = news } }

    /// Waits until a step like this has happened.
    func wait(for matches: @Sendable (Step) -> Bool) async {
        for await step in stream where matches(step) { return }
    }

    func load() async -> RebootJournal { journal }
    func save(_ journal: RebootJournal) async -> String? {
        let step = Step.saved(journal.last?.state, asked: journal.last?.askedUptime != nil)
        state.withLock { state in
            state.journal = journal
            state.steps.append(step)
        }
        feed.yield(step)
        return nil
    }
    func inhibitor() async -> String? { state.withLock(\.inhibitor) }
    func reboot() -> AsyncStream<PowerNews> {
        state.withLock { $0.steps.append(.asked) }
        feed.yield(.asked)
        let (news, feed) = AsyncStream<PowerNews>.makeStream()
        for item in state.withLock(\.news) { feed.yield(item) }
        feed.finish()
        return news
    }
}

@Suite("Carrying a reboot out", .timeLimit(.minutes(10)))
struct RebootServiceTests {
    private let rig = RelayRig()
    private let machine = FakeMachine()

    private func service(
        _ mode: RebootMode = .armed, respects: RelayRespect = .nothing, isStored: Bool = true,
        log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> RebootService {
        RebootService(
            .init(mode: mode, respects: respects), machine: machine, control: rig.loop, time: rig.time,
            boot: .init(id: "boot", start: rig.time.start.advanced(by: .seconds(-3_600))),
            log: log, random: { 0xABCD }, flush: { isStored })
    }

    /// Runs a service while `body` does.
    private func running(_ service: RebootService, _ body: () async throws -> Void) async rethrows {
        await service.begin(nil)
        let end = Ending()
        let task = Task { await service.run(until: end) }
        try await body()
        end.tell()
        await task.value
    }

    private func refusal(_ answer: RebootAnswer) throws -> RebootRefusal {
        guard case .refused(let refusal) = answer else { throw NotRefused(answer: answer) }
        return refusal
    }

    private struct NotRefused: Error { var answer: RebootAnswer }

    @Test("The relay is off and read back before the machine is asked, and stays off") func order()
        async throws
    {
        await rig.run(from: 0, to: 200, celsius: 15)
        #expect(try await rig.snapshot().relay?.readBack == true)
        let reboots = service()
        try await running(reboots) { () async throws in
            let answer = await reboots.request(from: .hub, after: .zero, isForced: false)
            #expect(answer == .accepted(id: "abcd"))
            reboots.confirm("abcd")
            await machine.wait { $0 == .asked }
            let snapshot = try await rig.snapshot()
            #expect(snapshot.relay?.readBack == false)
            #expect(snapshot.decision.sentence == "Off: the machine is about to reboot.")
            #expect(
                machine.steps.suffix(4) == [
                    .saved(.pending, asked: false), .saved(.goingDown, asked: false),
                    .saved(.goingDown, asked: true), .asked,
                ])
            await rig.run(from: 201, to: 240, celsius: 10)
            #expect(try await rig.snapshot().relay?.readBack == false)
        }
    }

    @Test("A refused reboot gives the relay back, after its minimum off time") func powerRefused()
        async throws
    {
        await rig.run(from: 0, to: 200, celsius: 15)
        machine.answer(.refused("access denied"))
        let reboots = service()
        try await running(reboots) { () async throws in
            _ = await reboots.request(from: .hub, after: .zero, isForced: false)
            reboots.confirm("abcd")
            await machine.wait { $0 == .saved(.failed, asked: true) }
            // The answer to this one comes after the guard has done all that follows.
            await reboots.reset()
            #expect(await reboots.journal.last?.reason == "access denied")
            await rig.run(from: 201, to: 379, celsius: 15)
            #expect(try await rig.snapshot().relay?.readBack == false)
            await rig.run(from: 380, to: 400, celsius: 15)
            #expect(try await rig.snapshot().relay?.readBack == true)
        }
    }

    @Test("The log has each state of a reboot once, also when the hub has confirmed the outcome")
    func log() async throws {
        let log = LogLines()
        machine.answer(.refused("access denied"))
        let reboots = service(log: log.logger)
        await running(reboots) {
            _ = await reboots.request(from: .hub, after: .zero, isForced: false)
            reboots.confirm("abcd")
            await machine.wait { $0 == .saved(.failed, asked: true) }
            reboots.acknowledge("abcd")
            await reboots.reset()
            #expect(await reboots.journal.last?.isAcknowledged == true)
        }
        #expect(
            log.all == [
                "notice Reboot abcd: accepted from the hub, in 0 s.",
                "notice Reboot abcd: the machine goes down.",
                "notice The machine is asked to reboot.",
                "notice Reboot abcd: failed: access denied.",
            ])
    }

    @Test("A relay that does not read off keeps the machine up, with the line as the reason") func stuck()
        async
    {
        await rig.run(from: 0, to: 200, celsius: 15)
        rig.lines.stick(RelayRig.line, true)
        let reboots = service()
        await running(reboots) {
            _ = await reboots.request(from: .hub, after: .zero, isForced: false)
            let moving = Task { [rig] in
                // Slower than the service and the control thread take each second up.
                for second in 201... {
                    rig.time.advance(to: .seconds(second))
                    for _ in 0..<500 where !Task.isCancelled { await Task.yield() }
                    guard !Task.isCancelled else { return }
                }
            }
            await machine.wait { $0 == .saved(.failed, asked: false) }
            moving.cancel()
            await reboots.reset()
            #expect(await reboots.journal.last?.reason == "\(RelayRig.line) is not confirmed off")
            #expect(!machine.steps.contains(.asked))
        }
    }

    @Test("A relay in its minimum on time, an inhibitor and what is not stored refuse, with the time to wait")
    func refusals() async throws {
        await rig.run(from: 0, to: 184, celsius: 15)
        let reboots = service(respects: .minimumOn)
        try await running(reboots) { () async throws in
            let critical = try refusal(await reboots.request(from: .hub, after: .zero, isForced: false))
            #expect(critical.status == 409)
            #expect(critical.reason.contains("The relay of thermostat1 is in its minimum on time"))
            #expect(try #require(critical.wait) < .seconds(120))
            await rig.run(from: 185, to: 400, celsius: 15)
            machine.inhibit("apt: upgrading")
            let inhibited = try refusal(await reboots.request(from: .hub, after: .zero, isForced: false))
            #expect(inhibited.reason.contains("apt: upgrading"))
        }
        let unstored = service(isStored: false)
        machine.inhibit(nil)
        try await running(unstored) { () async throws in
            let refused = try refusal(await unstored.request(from: .hub, after: .zero, isForced: false))
            #expect(refused.reason.contains("not on the disk"))
        }
        #expect(!machine.steps.contains(.asked))
    }

    @Test("In safe mode the relay stays off from the first tick until a reset") func safeMode() async throws {
        var guarding = RebootGuard(mode: .off, journal: RebootJournal())
        for boot in 1...5 {
            guarding = RebootGuard(mode: .off, journal: guarding.journal)
            _ = guarding.start(bootID: "old-\(boot)", at: .seconds(20), wall: nil)
        }
        // The present boot is the fifth of them.
        machine.journal = try #require(RebootJournal(json: guarding.journal.json))
        let reboots = RebootService(
            .init(mode: .off), machine: machine, control: rig.loop, time: rig.time,
            boot: .init(id: "old-5", start: rig.time.start.advanced(by: .seconds(-30))),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, flush: { true })
        try await running(reboots) { () async throws in
            await rig.run(from: 0, to: 300, celsius: 15)
            #expect(rig.lines.sets(of: RelayRig.line).allSatisfy { !$0 })
            #expect(try await rig.snapshot().decision.sentence.contains("safe mode"))
            await reboots.reset()
            await rig.run(from: 301, to: 320, celsius: 15)
            #expect(try await rig.snapshot().relay?.readBack == true)
        }
    }

    @Test("Whoever asks an agent that ends gets an answer") func ending() async throws {
        let reboots = service()
        await running(reboots) {}
        #expect(try refusal(await reboots.request(from: .local, after: .zero, isForced: true)).status == 409)
        await reboots.reset()
        guard case .saved = machine.steps.last else {
            Issue.record("the end is not written down")
            return
        }
    }
}

@Suite("agentStatus") struct StatusDocumentTests {
    @Test("Members that do not apply are taken away, and only where the hub has them") func removal() {
        var state = ReportedState()
        state.want(["agentStatus": ["lastReboot": ["state": "failed", "reason": "x", "ended": .null]]])
        state.learn(["agentStatus": ["lastReboot": ["ended": "2026"], "old": 1]], isNew: true)
        #expect(
            state.pending == [
                "agentStatus": ["lastReboot": ["state": "failed", "reason": "x", "ended": .null]]
            ])
        if let patch = state.pending { state.settle(patch) }
        #expect(state.pending == nil)
        state.want(["agentStatus": ["lastReboot": ["state": "pending", "reason": .null]]])
        #expect(state.pending == ["agentStatus": ["lastReboot": ["state": "pending", "reason": .null]]])
        if let patch = state.pending { state.settle(patch) }
        #expect(state.pending == nil)
        state.want(["agentStatus": .null])
        #expect(state.pending == ["agentStatus": .null])
        if let patch = state.pending { state.settle(patch) }
        #expect(state.pending == nil)
        state.learn([:])
        #expect(state.pending == nil)
    }

    @Test("Faults are the last five of all thermostats, relays their cycles and hours") func documents() async
    {
        let rig = RelayRig()
        await rig.run(from: 0, to: 600, celsius: 15)
        _ = await rig.loop.latchOff("a test")
        let snapshots = await rig.loop.snapshots()
        let fault = StatusDocument.faults(snapshots)["faults"]?[0]
        #expect(fault?["code"] == "latched-off" && fault?["text"] == "a test" && fault?["present"] == true)
        #expect(fault?["thermostat"] == "thermostat1")
        #expect(
            StatusDocument.relays(snapshots) == ["relays": ["thermostat1": ["cycles": 1, "onHours": 0.1]]])
        #expect(StatusDocument.relays([]) == ["relays": .null])
    }
}
