// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

@Suite("Relay lines on a board") struct RelayLineTests {
    private static let board = """
        name = "Test board"
        compatible = ["acme,one"]
        source = "s"
        [gpio]
        source = "s"
        reset-source = "s"
        [gpio.lines]
        pin-11 = { chip = "acme-gpio", name = "GPIO17" }
        pin-12 = { chip = "acme-gpio", offset = 18, signal = "GPIO18" }
        pin-24 = { chip = "acme-gpio", offset = 8, signal = "GPIO8", unsafe = "pulled up after reset" }
        p9-1 = { name = "P9_1", unsafe = "state at reset unverified" }
        """

    private func board() throws -> BoardDescription {
        try BoardDescription.parse(Array(Self.board.utf8), file: "b.toml")
    }

    /// What is wrong with the line of a relay, by `run`'s way; `check`'s has to say the same.
    private func complaints(_ toml: String, on board: BoardDescription) throws -> [String] {
        let files = MemoryFiles(contents: ["/c/agent.toml": toml])
        let examination = AgentConfiguration.examine(
            ConfigurationSources(
                configFile: "/c/agent.toml", overrides: [], environment: [:], drivers: testDrivers),
            files: files)
        let checked = examination.lineErrors(on: board).map(\.description)
        do throws(ConfigurationErrors) {
            _ = try load(toml).relayLines(on: board)
            #expect(checked.isEmpty)
            return []
        } catch {
            #expect(ConfigurationErrors(examination.lineErrors(on: board)) == error)
            return error.errors.map(\.description)
        }
    }

    @Test(
        "A line is a name of the board, or chip and name, or chip and offset",
        arguments: [
            ("pin-11", LineReference.board("pin-11")), ("p9-12", .board("p9-12")),
            ("pinctrl-bcm2711:GPIO17", .chip("pinctrl-bcm2711", .name("GPIO17"))),
            ("pinctrl-rp1:17", .chip("pinctrl-rp1", .offset(17))),
            ("INT3450:00:3", .chip("INT3450:00", .offset(3))),
            ("gpio-0-31:P8_3 [mmc1_dat6]", .chip("gpio-0-31", .name("P8_3 [mmc1_dat6]"))),
        ])
    func forms(text: String, line: LineReference) {
        #expect(LineReference(text) == line)
        #expect("\(line)" == text)
    }

    @Test(
        "Anything else is no line",
        arguments: [
            "", ":", "a:", ":1", "Pin-11", "pin_11", "chip:4096", "chip:99999999999999999999",
            "chip:\u{1b}", "a123456789012345678901234567890b:1", "chip:a123456789012345678901234567890b",
        ])
    func noForm(text: String) { #expect(LineReference(text) == nil) }

    @Test("A line of the board file is found on its chip, by any of its names")
    func found() throws {
        let board = try board()
        let byPin = try #require(board.line(of: .board("pin-12")))
        #expect(byPin.chip == "acme-gpio" && byPin.identity == .offset(18))
        #expect(byPin.facts?.name == "pin-12")
        #expect(board.line(of: .chip("acme-gpio", .offset(18))) == byPin)
        // The kernel may have the maker's name where the file has the offset.
        let byName = try #require(board.line(of: .chip("acme-gpio", .name("GPIO18"))))
        #expect(byName.identity == .name("GPIO18") && byName.facts == byPin.facts)
        #expect(board.line(of: .chip("other-gpio", .offset(18)))?.facts == nil)
        #expect(board.line(of: .chip("gpio-96-127", .name("P9_1")))?.facts?.name == "p9-1")
    }

    @Test(
        "A line that the board does not have, or that must not drive a relay, is an error",
        arguments: [
            ("line = \"pin-11\"", nil), ("line = \"other:5\"", nil),
            ("line = \"pin-24\"\nunsafe-line = true", nil),
            (
                "line = \"pin-24\"",
                "pin-24 (GPIO8) must not drive a relay: pulled up after reset. These suit a relay: pin-11, pin-12. "
                    + "Where the wiring makes up for it, see docs/wiring.md, set unsafe-line = true."
            ),
            (
                "line = \"acme-gpio:8\"\nunsafe-line = false",
                "pin-24 (GPIO8) must not drive a relay: pulled up after reset. These suit a relay: pin-11, pin-12. "
                    + "Where the wiring makes up for it, see docs/wiring.md, set unsafe-line = true."
            ),
            ("line = \"pin-1\"", "Test board has no line \"pin-1\". Did you mean \"pin-11\"?"),
            ("line = \"gpio17x\"", "Test board has no line \"gpio17x\". These suit a relay: pin-11, pin-12."),
            (
                "line = \"p9-1\"\nunsafe-line = true",
                "The board file does not say on which chip p9-1 is. Name it by the chip's label, as `gpioinfo` shows "
                    + "it: \"CHIP:P9_1\"."
            ),
        ] as [(String, String?)])
    func refused(relay: String, text: String?) throws {
        #expect(
            try complaints("[thermostat1.relay]\n\(relay)", on: board())
                == (text.map { ["/c/agent.toml:2: thermostat1.relay.line: \($0)"] } ?? []))
    }

    @Test("Two names of one line are one line")
    func sameLine() throws {
        let toml = """
            [thermostat1.relay]
            line = "pin-12"
            [thermostat2.relay]
            line = "acme-gpio:18"
            """
        #expect(
            try complaints(toml, on: board()) == [
                "/c/agent.toml:4: thermostat2.relay.line: thermostat1.relay.line is the same line, at /c/agent.toml:2. "
                    + "Give each relay a line of its own."
            ])
        let others = toml.replacing("acme-gpio:18", with: "acme-gpio:19")
        #expect(try complaints(others, on: board()) == [])
    }

    @Test("On an unknown board only a chip's label will do")
    func unknownBoard() throws {
        let unknown = BoardDescription.unknown(
            UnknownBoard(machine: MachineIdentity(compatible: ["acme,two"]), known: ["one"]))
        #expect(try complaints("[thermostat1.relay]\nline = \"acme:1\"", on: unknown) == [])
        let errors = try complaints("[thermostat1.relay]\nline = \"pin-11\"", on: unknown)
        #expect(
            errors.first
                == "/c/agent.toml:2: thermostat1.relay.line: \"pin-11\" is a line of a board file, and the board is "
                + "unknown. Choose a board, or name the line by its chip's label: \"CHIP:NAME\".")
        #expect(errors.count == 2)
        #expect(
            errors.last?.hasPrefix("default: board.name: This machine (acme,two) is no known board.") == true)
    }
}
