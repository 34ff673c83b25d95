// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import PlugAndPlay
import Quantities
import StateStore
import Testing
import ThermostatControl

@testable import AgentCore

@Suite("Relays of the control loop") struct RelayControlTests {
    private static let line = RelayRig.line
    private static let busy = BusError(
        .busy, operation: "request as output", location: "\(RelayRig.line)", errno: 16,
        advice: "\"other-program\" holds this line: stop that program.")

    @Test("The line is requested at the first tick, driven off at once and read back") func request() async {
        let rig = RelayRig()
        #expect(rig.lines.calls.isEmpty)
        await rig.loop.tick()
        #expect(
            rig.lines.calls == [
                .open(Self.line, activeLow: true, consumer: "sensor-agent thermostat1"),
                .set(Self.line, false), .read(Self.line),
            ])
    }

    @Test("A sample below the target switches on when the minimum off time is over, and not before")
    func switchesOn() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 179, celsius: 15)
        #expect(!rig.lines.sets(of: Self.line).contains(true))
        await rig.run(from: 180, to: 180, celsius: 15)
        #expect(rig.lines.sets(of: Self.line).last == true)
        let snapshot = try await rig.snapshot()
        #expect(snapshot.decision.state == .heating)
        #expect(snapshot.relay?.isCommandedOn == true && snapshot.relay?.readBack == true)
        #expect(snapshot.relay?.cycles == 1 && snapshot.relay?.wear == 0.001)
        #expect(snapshot.lastChange?.cause.hasPrefix("Heating: 15.0") == true)
    }

    @Test("Every tick sets the line once and reads it back once, whether anything changed or not")
    func reasserts() async {
        let rig = RelayRig()
        await rig.loop.tick()
        for isOn in [false, true] {
            if isOn { await rig.run(from: 1, to: 184, celsius: 15) }
            rig.lines.forget()
            for _ in 0..<3 { await rig.loop.tick() }
            let once = [RecordingLines.Call.set(Self.line, isOn), .read(Self.line)]
            #expect(rig.lines.calls == once + once + once)
        }
    }

    @Test("A line that reads back otherwise for three ticks is a fault, is off, and waits for a reset")
    func disagrees() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.stick(Self.line, false)
        await rig.run(from: 185, to: 186, celsius: 15)
        #expect(try await rig.faults().isEmpty, "two ticks are no fault")
        #expect(rig.lines.sets(of: Self.line).last == true)
        await rig.run(from: 187, to: 187, celsius: nil)
        #expect(try await rig.faults() == [.outputDisagrees])
        #expect(rig.lines.sets(of: Self.line).last == false)
        rig.lines.stick(Self.line, nil)
        await rig.run(from: 188, to: 600, celsius: 15)
        #expect(try await rig.snapshot().decision.state == .fault)
        #expect(!rig.lines.sets(of: Self.line).suffix(400).contains(true))
        await rig.loop.reset(.thermostat1)
        await rig.run(from: 601, to: 785, celsius: 15)
        #expect(try await rig.faults().isEmpty)
        #expect(rig.lines.sets(of: Self.line).last == true)
    }

    @Test(
        "A contact that chatters is a fault before long, one odd tick in ten is none",
        arguments: [(2, [FaultCode.outputDisagrees]), (10, [])])
    func chatters(oneIn: Int, faults: [FaultCode]) async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        for tick in 0..<100 {
            rig.lines.stick(Self.line, tick.isMultiple(of: oneIn) ? false : nil)
            await rig.run(from: 185 + tick, to: 185 + tick, celsius: 15)
            if tick == 8 { #expect(try await rig.faults() == faults) }
        }
        #expect(try await rig.faults() == faults)
    }

    @Test("Readings between ticks do not count as ticks of a deviating line") func samplesAreNoTicks()
        async throws
    {
        let rig = RelayRig()
        await rig.loop.tick()
        rig.lines.stick(Self.line, true)
        for _ in 0..<10 { await rig.sample(15) }
        #expect(try await rig.faults().isEmpty)
        for tick in 1...3 {
            await rig.loop.tick()
            #expect(try await rig.faults() == (tick < 3 ? [] : [.outputDisagrees]), "tick \(tick)")
        }
    }

    @Test("A line that cannot be had is a fault that names its holder, and is had as soon as it is free")
    func unavailable() async throws {
        let rig = RelayRig()
        rig.lines.refuse(Self.busy)
        await rig.run(from: 0, to: 0, celsius: nil)
        #expect(try await rig.faults() == [.outputUnavailable])
        let snapshot = try await rig.snapshot()
        #expect(
            snapshot.decision.sentence.hasSuffix("\"other-program\" holds this line: stop that program."),
            "\(snapshot.decision.sentence)")
        #expect(snapshot.relay?.readBack == nil)
        await rig.run(from: 1, to: 9, celsius: 15)
        #expect(rig.lines.requests(of: Self.line) == 1, "samples and ticks alike wait")
        await rig.run(from: 10, to: 10, celsius: 15)
        #expect(rig.lines.requests(of: Self.line) == 2)
        rig.lines.refuse(nil)
        await rig.run(from: 11, to: 20, celsius: 15)
        #expect(rig.lines.requests(of: Self.line) == 3)
        #expect(try await rig.faults().isEmpty)
        await rig.run(from: 21, to: 200, celsius: 15)
        #expect(rig.lines.sets(of: Self.line).last == true, "the minimum off time began with the fault")
    }

    @Test("A held line that cannot be driven any more is let go after three ticks and asked for again")
    func lost() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.fail(BusError(.notFound, operation: "set line", location: "\(Self.line)", errno: 19))
        await rig.run(from: 185, to: 186, celsius: nil)
        #expect(try await rig.faults().isEmpty)
        await rig.run(from: 187, to: 187, celsius: nil)
        #expect(try await rig.faults() == [.outputUnavailable])
        #expect(rig.lines.calls.contains(.release(Self.line)))
        #expect(
            rig.lines.requests(of: Self.line) == 2, "a request drives off by itself, so nothing waits for it")
        rig.lines.fail(nil)
        await rig.run(from: 188, to: 197, celsius: nil)
        #expect(rig.lines.requests(of: Self.line) == 2)
        #expect(try await rig.faults().isEmpty)
        #expect(try await rig.snapshot().relay?.readBack == false)
    }

    @Test(
        "A line that is on and cannot be read any more is driven off before it is let go, and held again at once"
    )
    func unreadable() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.failReads(
            BusError(.inputOutput, operation: "read line", location: "\(Self.line)", errno: 5))
        await rig.run(from: 185, to: 186, celsius: nil)
        rig.lines.forget()
        await rig.run(from: 187, to: 187, celsius: nil)
        #expect(try await rig.faults() == [.outputUnavailable])
        let calls = rig.lines.calls
        let (on, off) = (RecordingLines.Call.set(Self.line, true), RecordingLines.Call.set(Self.line, false))
        #expect(calls.prefix(4) == [on, .read(Self.line), off, .release(Self.line)])
        #expect(
            calls.dropFirst(4).first
                == .open(Self.line, activeLow: true, consumer: "sensor-agent thermostat1"))
        #expect(calls.dropFirst(5) == [off, .read(Self.line)])
    }

    @Test("A line that does not confirm off at the end is requested anew, which drives it off, and is named")
    func endUnconfirmed() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.fail(BusError(.inputOutput, operation: "set line", location: "\(Self.line)", errno: 5))
        #expect(await rig.loop.end() == [Self.line])
        #expect(rig.lines.requests(of: Self.line) == 2)
        #expect(rig.lines.calls.last == .release(Self.line))
        let other = RelayRig()
        await other.run(from: 0, to: 184, celsius: 15)
        #expect(await other.loop.end().isEmpty)
    }

    @Test("A latch requests a line anew that cannot be driven off") func latchAnew() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.fail(BusError(.inputOutput, operation: "set line", location: "\(Self.line)", errno: 5))
        #expect(await rig.loop.latchOff("a test") == [Self.line])
        #expect(rig.lines.requests(of: Self.line) == 2)
    }

    @Test("Failures of the sensor switch off at once, whatever timer runs") func sensorLost() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        #expect(rig.lines.sets(of: Self.line).last == true)
        for _ in 0..<WatchSettings.failuresUntilFault {
            await rig.loop.recordFailure(of: SensorName("a"))
        }
        #expect(try await rig.faults() == [.sensorLost])
        #expect(rig.lines.sets(of: Self.line).last == false, "without waiting for the next tick")
    }

    @Test("The end drives off and lets go, and nothing switches on afterwards") func end() async throws {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        rig.lines.forget()
        await rig.loop.end()
        let last = [RecordingLines.Call.set(Self.line, false), .read(Self.line), .release(Self.line)]
        #expect(rig.lines.calls == last)
        await rig.run(from: 185, to: 800, celsius: 15)
        _ = await rig.loop.set(target: 30, mode: .heat, of: .thermostat1)
        #expect(rig.lines.calls == last)
    }

    @Test("A latch confirms that the line is off, survives samples, and ends with a reset") func latch()
        async throws
    {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 15)
        #expect(await rig.loop.latchOff("a test") == [])
        #expect(rig.lines.sets(of: Self.line).last == false)
        await rig.run(from: 185, to: 600, celsius: 15)
        #expect(try await rig.snapshot().decision.sentence == "Off until a reset: a test.")
        await rig.loop.reset(.thermostat1)
        await rig.loop.tick()
        #expect(try await rig.snapshot().decision.state == .heating)
    }

    @Test("A latch names a line that reads on, and one that cannot be had after asking for it once more")
    func latchUnconfirmed() async {
        let rig = RelayRig()
        await rig.loop.tick()
        rig.lines.stick(Self.line, true)
        #expect(await rig.loop.latchOff("a test") == [Self.line])
        let other = RelayRig()
        other.lines.refuse(Self.busy)
        await other.loop.tick()
        #expect(await other.loop.latchOff("a test") == [Self.line])
        #expect(other.lines.requests(of: Self.line) == 2)
        other.lines.refuse(nil)
        #expect(await other.loop.latchOff("a test") == [])
    }

    @Test("A refused mode changes no target either") func allOrNothing() async {
        let rig = RelayRig()
        guard case .rejected(let reason) = await rig.loop.set(target: 25, mode: .heat, of: .thermostat2)
        else {
            Issue.record("accepted a mode without a relay")
            return
        }
        #expect(reason.contains("[thermostat2.relay]"))
        #expect(await rig.loop.target(of: .thermostat2) == 20)
    }

    @Test(
        "A target and a mode that are set together switch once: nothing goes on for the mode that ends",
        arguments: [ThermostatMode.off, .cool])
    func targetWithMode(mode: ThermostatMode) async {
        let rig = RelayRig()
        await rig.run(from: 0, to: 184, celsius: 22)
        rig.lines.forget()
        #expect(await rig.loop.set(target: 30, mode: mode, of: .thermostat1) == .accepted(30))
        #expect(!rig.lines.sets(of: Self.line).contains(true))
    }
}
