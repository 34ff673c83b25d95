// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

@Suite("A board file cannot offer a line for a relay by mistake") struct BoardSafetyTests {
    /// What is wrong with a board of one connector with ten pins and these lines, without the file's name and line.
    private func complaints(reset: String = "data sheet", _ lines: String, buses: String = "") -> [String] {
        let text = """
            name = "Test board"
            [connector.pin]
            title = "Header"
            pins = 10
            source = "s"
            \(buses)
            [gpio]
            source = "s"
            reset-source = "\(reset)"
            [gpio.lines]
            \(lines)
            """
        do throws(ConfigurationErrors) {
            _ = try BoardDescription.parse(Array(text.utf8), file: "b.toml")
            return []
        } catch {
            return error.errors.map {
                String($0.description.drop { $0 != " " }.dropFirst())
            }
        }
    }

    @Test(
        "However unverified is written, the line needs a reason or a source of its own",
        arguments: [
            "unverified", "Unverified: nobody looked", "data sheet 4, UNVERIFIED on a board",
        ])
    func unverified(reset: String) {
        let complaint =
            "gpio.lines.pin-3.unsafe: Its state at reset is unverified. Say why it must not drive a relay, or give "
            + "it a source of its own."
        #expect(complaints(reset: reset, "pin-3 = { name = \"A\" }") == [complaint])
        #expect(
            complaints(reset: reset, "pin-3 = { name = \"A\", source = \"Unverified\" }") == [complaint])
        #expect(complaints(reset: reset, "pin-3 = { name = \"A\", source = \"measured\" }").isEmpty)
        #expect(complaints(reset: reset, "pin-3 = { name = \"A\", unsafe = \"u\" }").isEmpty)
    }

    @Test("A line whose own source is unverified needs a reason, also where the others are known")
    func unverifiedLine() {
        #expect(complaints("pin-3 = { name = \"A\", source = \"unverified\" }").count == 1)
    }

    @Test("A line on a pin of a bus needs a reason") func buses() {
        let buses = """
            [i2c.header]
            adapter = "a"
            pins = { sda = 3, scl = 5 }
            source = "s"
            [onewire]
            pin = 7
            source = "s"
            """
        let lines = """
            pin-3 = { name = "A" }
            pin-5 = { name = "B", unsafe = "u" }
            pin-7 = { name = "C" }
            pin-8 = { name = "D" }
            """
        let advice = "Say in unsafe that it must not drive a relay."
        #expect(
            complaints(lines, buses: buses) == [
                "gpio.lines.pin-3.unsafe: Its pin has a bus (header SDA). \(advice)",
                "gpio.lines.pin-7.unsafe: Its pin has a bus (1-Wire). \(advice)",
            ])
    }

    @Test("Two names for one line are an error, for one of them is another pin") func twice() {
        let lines = """
            pin-1 = { name = "A" }
            pin-2 = { name = "A" }
            pin-3 = { chip = "c", offset = 4 }
            pin-4 = { chip = "d", offset = 4 }
            pin-5 = { chip = "c", offset = 4 }
            """
        #expect(
            complaints(lines) == [
                "gpio.lines.pin-2: It is the same line as pin-1. Correct one of both.",
                "gpio.lines.pin-5: It is the same line as pin-3. Correct one of both.",
            ])
    }

    @Test("Buses on pins that the connector does not have, or twice on one, are errors") func busPins() {
        let buses = """
            [i2c.a]
            adapter = "a"
            pins = { sda = 3, scl = 3 }
            source = "s"
            [i2c.b]
            adapter = "b"
            pins = { sda = 9, scl = 11 }
            source = "s"
            [onewire]
            pin = 12
            source = "s"
            """
        #expect(
            complaints("pin-1 = { name = \"A\" }", buses: buses) == [
                "i2c.a.pins: sda and scl are one pin. Correct one of both.",
                "i2c.b.pins.scl: Header has no pin 11. Correct it.",
                "onewire.pin: Header has no pin 12. Correct it.",
            ])
    }

    @Test("A control character is an error, since it would become an order to the terminal")
    func controlCharacter() {
        #expect(
            complaints("pin-1 = { name = \"\\u001b[2J\" }").first
                == "gpio.lines.pin-1.name: Found \"\\u{1b}[2J\". Write it without control characters.")
    }
}
