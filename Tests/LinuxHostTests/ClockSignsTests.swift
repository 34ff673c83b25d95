// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import LinuxHost
import Quantities
import Testing

@Suite struct ClockSignsTests {
    private func signs(_ root: String = "/") -> ClockSigns {
        ClockSigns.read(root: root, question: TimeServiceQuestion { false })
    }

    @Test("The mark of systemd-timesyncd is seen, empty as it is")
    func mark() throws {
        let tree = try FakeTree()
        #expect(!signs(tree.root).hasMark)
        try tree.add("/run/systemd/timesync/synchronized", [])
        #expect(signs(tree.root).hasMark)
    }

    @Test("Only the clock chip that the kernel has set its clock from counts")
    func chip() throws {
        let tree = try FakeTree(text: [
            "/sys/class/rtc/rtc0/hctosys": "0\n", "/sys/class/rtc/rtc0/since_epoch": "1\n",
            "/sys/class/rtc/rtc1/hctosys": "1\n", "/sys/class/rtc/rtc1/since_epoch": "1790000000\n",
        ])
        let chip = signs(tree.root).hardwareClock()
        #expect(chip == WallTime(millisecondsSince1970: 1_790_000_000_000))
        #expect(signs(try FakeTree().root).hardwareClock() == nil)
    }

    @Test("A clock chip that tells nonsense is none", arguments: ["", "x", "-", "9223372036854775807"])
    func nonsense(text: String) throws {
        let tree = try FakeTree(text: [
            "/sys/class/rtc/rtc0/hctosys": "1\n", "/sys/class/rtc/rtc0/since_epoch": text,
        ])
        #expect(signs(tree.root).hardwareClock() == nil)
    }

    @Test("This machine may be asked")
    func here() {
        // Whatever it answers: a sandbox may refuse it, and that must be no crash.
        _ = signs().kernelIsSynchronised
    }
}

@Suite struct ClockFileTests {
    private let time = WallTime(millisecondsSince1970: 1_790_000_000_123)

    @Test("The last written time is read, by a person too")
    func roundTrip() throws {
        let tree = try FakeTree()
        let file = ClockFile(directory: tree.root)
        #expect(file.read() == nil)
        try file.write(WallTime(millisecondsSince1970: 0))
        try file.write(time)
        #expect(file.read() == time)
        let text = try String(contentsOfFile: tree.root + "/clock", encoding: .utf8)
        #expect(text == "2026-09-21T14:13:20.123Z\n")
    }

    @Test("A torn or foreign file is none", arguments: ["", "2026-09-2", "\u{0}\u{0}\u{0}", "yesterday"])
    func damaged(text: String) throws {
        let tree = try FakeTree(text: ["/clock": text])
        #expect(ClockFile(directory: tree.root).read() == nil)
        try ClockFile(directory: tree.root).write(time)
        #expect(ClockFile(directory: tree.root).read() == time)
    }

    @Test("A directory that is not there is an error with what to do")
    func missing() {
        let error = #expect(throws: HostError.self) {
            try ClockFile(directory: "/nonexistent/sensor-agent").write(time)
        }
        #expect(error?.description.contains("state directory") == true)
    }
}
