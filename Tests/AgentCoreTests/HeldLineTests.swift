// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Synchronization
import Testing

@testable import AgentCore

@Suite("Notes of held lines") struct HeldLineTests {
    private static let boot = "c0ffee00-0000-4000-8000-000000000001"

    private static func held(
        _ chip: String, _ line: LineAddress.Line, activeLow: Bool = false, boot: String? = Self.boot
    ) -> HeldLine {
        HeldLine(
            line: LineAddress(chip: chip, line: line),
            use: LineUse(activeLow: activeLow, consumer: "sensor-agent thermostat1"), bootID: boot)
    }

    @Test(
        "A note reads back as it was written",
        arguments: [
            held("pinctrl-bcm2711", .name("GPIO17")), held("viperboard gpio a", .offset(5), activeLow: true),
            held("gpio", .name("5"), boot: nil), held("gpio", .offset(0)),
            held("a\"b\\c/../%é", .name("q:@%2f"), activeLow: true), held("gpio", .offset(4_294_967_295)),
        ])
    func roundTrip(held: HeldLine) {
        #expect(HeldLine(parsing: Array(held.text.utf8)) == held)
        #expect(!held.text.contains("\n"))
        let name = HeldLine.fileName(of: held.line)
        #expect(
            !name.contains("/") && !name.hasPrefix(".") && name.utf8.allSatisfy { $0 < 0x7F && $0 > 0x20 })
    }

    @Test("Two lines never share a file") func names() {
        let lines = [
            Self.held("gpio", .name("5")), Self.held("gpio", .offset(5)), Self.held("gpio:5", .name("5")),
            Self.held("gpio", .name("5:5")), Self.held("gpio@5", .name("5")),
            Self.held("gpio%3a5", .name("5")),
            Self.held("g pio", .name("5")), Self.held("g_pio", .name("5")), Self.held("g%20pio", .name("5")),
        ].map(\.line)
        #expect(Set(lines.map(HeldLine.fileName)).count == lines.count)
        #expect(
            HeldLine.fileName(of: LineAddress(chip: "viperboard gpio a", line: .offset(5)))
                == "relay-viperboard%20gpio%20a@5.json")
    }

    @Test(
        "What is not exactly a note is no line, as a guessed level could switch on",
        arguments: [
            "", "{", "null", "[]", "\"relay\"", "{}",
            #"{"chip":"gpio","line":"GPIO17","activeLow":false}"#,
            #"{"chip":"gpio","line":"GPIO17","consumer":"c"}"#,
            #"{"chip":"gpio","line":"GPIO17","activeLow":0,"consumer":"c"}"#,
            #"{"chip":"gpio","line":"GPIO17","activeLow":"false","consumer":"c"}"#,
            #"{"chip":"gpio","activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":null,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":"","activeLow":false,"consumer":"c"}"#,
            #"{"chip":"","line":1,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":7,"line":1,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":-1,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":4294967296,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":9223372036854775808,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":1.5,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":["GPIO17"],"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio\u0000x","line":1,"activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":"a\nb","activeLow":false,"consumer":"c"}"#,
            #"{"chip":"gpio","line":1,"activeLow":false,"consumer":"c\u001b[2J"}"#,
            #"{"chip":"gpio","line":1,"activeLow":false,"consumer":"c","boot":5}"#,
            #"{"chip":"gpio","line":1,"activeLow":false,"consumer":"c","boot":null}"#,
            #"{"chip":"gpio","line":1,"activeLow":false,"consumer":"c","biased":true}"#,
            #"{"chip":"gpio","line":1,"activeLow":false,"consumer":"c"}{}"#,
        ])
    func hostile(text: String) {
        #expect(HeldLine(parsing: Array(text.utf8)) == nil)
    }

    @Test(
        "No part of a note, and no note with a byte that is another one, traps or becomes another line's level"
    )
    func torn() {
        let note = Self.held("gpio", .name("GPIO17"), activeLow: true)
        let bytes = Array(note.text.utf8)
        for count in bytes.indices { #expect(HeldLine(parsing: Array(bytes[..<count])) == nil) }
        for (index, byte) in bytes.enumerated() {
            for flip in 0..<8 {
                var damaged = bytes
                damaged[index] = byte ^ (1 << flip)
                #expect(HeldLine(parsing: damaged)?.use.activeLow != false, "byte \(index), bit \(flip)")
            }
        }
        #expect(HeldLine(parsing: Array(repeating: UInt8(ascii: "["), count: 100_000)) == nil)
        #expect(HeldLine(parsing: [0xFF, 0xFE]) == nil)
    }

    @Test("A long word is no name") func longWord() {
        let note = Self.held(String(repeating: "x", count: 129), .offset(1))
        #expect(HeldLine(parsing: Array(note.text.utf8)) == nil)
    }

    @Test("Only a note of a boot that is known to be another one is gone") func boots() {
        let note = Self.held("gpio", .offset(1))
        #expect(note.isGone(in: "c0ffee00-0000-4000-8000-000000000002"))
        #expect(!note.isGone(in: Self.boot))
        #expect(!note.isGone(in: nil))
        #expect(!Self.held("gpio", .offset(1), boot: nil).isGone(in: Self.boot))
    }

    @Test("What was held is switched off beside what is configured, and once; a trial does not hide it")
    func merged() {
        let (line, note) = (RelayRig.line, Self.held("gpio", .name("GPIO27"), activeLow: true))
        let same = HeldLine(line: line, use: RelayRig.relay.use, bootID: nil)
        #expect(HeldLine.merged([], with: []).isEmpty)
        #expect(HeldLine.merged([RelayRig.relay], with: [same]) == [RelayRig.relay])
        let held = RelaySetup(line: note.line, use: note.use, isReal: true)
        #expect(HeldLine.merged([], with: [note, note]) == [held])
        #expect(HeldLine.merged([RelayRig.relay], with: [note]) == [RelayRig.relay, held])
        var trial = RelayRig.relay
        (trial.isReal, trial.use.activeLow) = (false, false)
        let merged = HeldLine.merged([trial], with: [same])
        #expect(merged.map(\.line) == [line] && merged.allSatisfy(\.isReal))
        #expect(merged.first?.use == same.use, "the level at which it was held, not that of the trial")
    }

    @Test("Where both name a line, the configuration says which level is off, and the contradiction shows")
    func contradiction() {
        var other = RelayRig.relay
        other.use.activeLow.toggle()
        let held = HeldLine(line: RelayRig.line, use: RelayRig.relay.use, bootID: nil)
        #expect(HeldLine.merged([other], with: [held]) == [other])
        #expect(held.isContradicted(by: [other]))
        #expect(!held.isContradicted(by: [RelayRig.relay]))
        other.isReal = false
        #expect(!held.isContradicted(by: [other]), "a trial drives nothing")
    }

    @Test(
        "A line is noted when it is had and before it is driven, again after a loss, and never when it is refused"
    )
    func noted() async throws {
        let lines = RecordingLines()
        let noted = Mutex<[[RecordingLines.Call]]>([])
        let hardware = NotedHardware(lines) { line, use in
            #expect(line == RelayRig.line && use == RelayRig.relay.use)
            noted.withLock { $0.append(lines.calls) }
        }
        var driver = RelayDriver(RelayRig.relay, on: hardware)
        let busy = BusError(.busy, operation: "request", location: "x")
        lines.refuse(busy)
        _ = driver.drive(false, isTick: true)
        #expect(noted.withLock { $0.isEmpty })
        lines.refuse(nil)
        lines.forget()
        driver.requestSoon()
        let first = driver.drive(false, isTick: true)
        #expect(first == .agrees)
        let open = RecordingLines.Call.open(
            RelayRig.line, activeLow: true, consumer: "sensor-agent thermostat1")
        #expect(noted.withLock { $0 } == [[open]])
        driver.release()
        let second = driver.drive(false, isTick: true)
        #expect(second == .agrees)
        #expect(noted.withLock { $0.count } == 2)
    }

    @Test("A line that is confirmed off is told while it is held, and no other one") func whenOff() {
        let lines = RecordingLines()
        var stuck = RelayRig.relay
        stuck.line.line = .offset(4)
        lines.stick(stuck.line, true)
        var told: [(line: LineAddress, wasHeld: Bool)] = []
        _ = RelayShutOff.run([stuck, RelayRig.relay], on: lines) { relay in
            told.append((relay.line, !lines.calls.contains(.release(relay.line))))
        }
        #expect(told.map(\.line) == [RelayRig.line])
        #expect(told.map(\.wasHeld) == [true])
        #expect(lines.calls.contains(.release(RelayRig.line)))
    }
}
