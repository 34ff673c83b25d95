// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Testing

@testable import sensor_agent

@Suite("What a scan says to people") struct ScanTextTests {
    @Test("everything that a scan can meet, with a board and without") func everything() throws {
        let board = try ScanReports.testBoard()
        let report = ScanReports.everything
        let named =
            ScanText(report, board: board).text + "\n\n"
            + ScanTOML(report, board: board, choice: .init(name: "test-board")).text + "\n"
        #expect(named == (try ScanReports.golden("scan-everything.txt")))
        let unnamed = ScanText(report, board: nil).text
        #expect(unnamed.contains("I2C adapter /dev/i2c-1: bcm2835 (i2c@7e804000)\n"))
        #expect(ScanTOML(report, board: nil).text.contains("bus = \"adapter:bcm2835 (i2c@7e804000)\""))
    }

    @Test("a chip that a kernel driver holds is told with what that driver gives") func held() {
        let text = ScanText(ScanReports.everything, board: nil).text
        #expect(text.contains("0x4b  held by the kernel driver tmp102; it gives hwmon temp1_input"))
        #expect(text.contains("0x50  held by the kernel\n"))
    }

    @Test("where nothing answers, the wiring is what to check; with the board's pins where it is known")
    func wiring() throws {
        let report = ScanReport(adapters: [
            .init(number: 1, name: "bcm2835 (i2c@7e804000)", deviceFile: "/dev/i2c-1")
        ])
        let advice = { (board: BoardDescription?) in
            ScanAdvice(report, board: board, words: BusWords(report, board: board)).lines.joined(
                separator: " ")
        }
        #expect(advice(nil).contains("Nothing was found. No chip answers on any adapter."))
        let board = try ScanReports.testBoard()
        #expect(advice(board).contains("\"header\" has SDA on pin 3 and SCL on pin 5"))
        #expect(advice(board).contains("Its data line is pin 7."))
        #expect(!advice(board).contains("is not there"))
    }

    @Test("a bus of the board that is not there is told with what to do about it") func absentBus() throws {
        let board = try ScanReports.testBoard()
        for adapters in [
            [], [ScanReport.Adapter(number: 20, name: "fef04500.i2c", deviceFile: "/dev/i2c-20")],
        ] {
            let report = ScanReport(adapters: adapters)
            let lines = ScanAdvice(report, board: board, words: BusWords(report, board: board)).lines
            #expect(lines.contains { $0.contains("is not there. Enable it with the test's switch.") })
            #expect(lines.contains("This machine shows no I2C adapter.") == adapters.isEmpty)
        }
    }

    @Test("an adapter that could not be scanned has its own advice, so wiring is not spoken of")
    func problem() {
        let report = ScanReport(adapters: [
            .init(
                number: 1, name: "a", deviceFile: "/dev/i2c-1",
                problem: .init(kind: "permission", text: "No."))
        ])
        #expect(ScanText(report, board: nil).text == "I2C adapter /dev/i2c-1: a\n  not scanned:  No.")
    }

    @Test("progress is shown late, at a readable pace, and of the adapter that is furthest behind")
    func progress() {
        var line = ProgressLine()
        func step(_ file: String, _ done: Int, _ milliseconds: Int) -> String? {
            line.text(
                after: .init(deviceFile: file, done: done, total: 112), elapsed: .milliseconds(milliseconds))
        }
        #expect(step("a", 1, 10) == nil)
        #expect(step("b", 50, 999) == nil)
        #expect(step("b", 51, 1000) == "Scanning a: 1 of 112 addresses")
        #expect(step("a", 60, 1199) == nil)
        #expect(step("a", 61, 1200) == "Scanning b: 51 of 112 addresses")
        #expect(step("b", 112, 1500) == "Scanning a: 61 of 112 addresses")
        #expect(step("a", 112, 2000) == nil)
    }
}
