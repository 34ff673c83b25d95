// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Testing

extension DeviceTests {
    /// `CGPIO` and `LinuxOutputLine` on the kernel's GPIO character device, with every level seen by the emulator.
    @Suite struct GPIOTests {
        private let machine: EmulatedMachine
        private let adapter = ViperboardAdapter()

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test(
            "Both versions of libgpiod do the same on the same lines, leak nothing and make no glitch",
            .libgpiodAvailable, arguments: LibgpiodBuild.allCases)
        func library(_ library: LibgpiodBuild) async throws {
            let program = try library.buildExercise(in: machine.share)
            try await withAdapter { chips in
                let result = try await machine.run("\(EmulatedMachine.guestShare)/\(program)", [chips.a])
                    .result()
                #expect(result.status == 0, "\(result.errors.joined(separator: "\n"))")
                #expect(result.output == Self.output(on: chips.a, libgpiod: try library.majorVersion))
                #expect(adapter.levels(.a, 5) == [false, true, false, true])
                // Active-low: inactive is high, and that is what the line shows first.
                #expect(adapter.levels(.a, 6) == [true, false, true])
                #expect(adapter.levels(.a, 7) == [true])
                #expect(Set(adapter.history.map(\.line.offset)) == [5, 6, 7])
            }
        }

        @Test("A line is found by its chip's label and its offset, starts inactive and follows")
        func outputLine() async throws {
            try await withAdapter { _ in
                let held = try await holdLine(
                    "viperboard gpio a", "3", "request", "read", "on", "read", "off", "read", "on", "release")
                #expect(
                    held.output
                        == ["request", "inactive", "on", "active", "off", "inactive", "on", "release"])
                #expect(adapter.levels(.a, 3) == [false, true, false, true])
                let other = try await holdLine("viperboard gpio b", "15", "request", "on", "off")
                #expect(other.status == 0)
                #expect(adapter.levels(.b, 15) == [false, true, false])
            }
        }

        @Test("An active-low line is never low before it is switched on")
        func activeLow() async throws {
            try await withAdapter { _ in
                let held = try await holdLine(
                    "viperboard gpio a", "3", "active-low", "request", "read", "on", "read", "off")
                #expect(held.output == ["active-low", "request", "inactive", "on", "active", "off"])
                #expect(adapter.levels(.a, 3) == [true, false, true])
            }
        }

        @Test("A label, an offset or a name that does not exist is answered with those that do")
        func unknown() async throws {
            try await withAdapter { chips in
                let chip = try await failure("pinctrl-bcm2711", "17")
                #expect(chip.hasPrefix("notFound: "))
                #expect(chip.contains(#""viperboard gpio a", "viperboard gpio b""#))
                let offset = try await failure("viperboard gpio a", "16")
                #expect(offset.hasPrefix("notFound: "))
                #expect(offset.contains("0 to 15"))
                let name = try await failure("viperboard gpio a", "GPIO17")
                #expect(name.hasPrefix("notFound: "))
                #expect(name.contains("The lines of \(chips.a) have no names"))
                #expect(try await failure("viperboard gpio a", "").contains("have no names"))
                #expect(adapter.history.isEmpty)
            }
        }

        @Test("A line that somebody holds is refused with the holder's name, and left alone")
        func busy() async throws {
            try await withAdapter { _ in
                let holder = try await startHolder("viperboard gpio a", "3", "request", "on", "wait")
                let error = try await failure("viperboard gpio a", "3")
                #expect(error.hasPrefix("busy: "))
                #expect(error.contains(#""hold-line" holds this line"#))
                #expect(adapter.levels(.a, 3) == [false, true])
                try await holder.signal(.interrupt)
                #expect(try await holder.result().status == 0)
            }
        }

        @Test("This adapter's line keeps its level when its holder dies or goes, and starts inactive again")
        func afterDeath() async throws {
            try await withAdapter { _ in
                let killed = try await startHolder("viperboard gpio a", "3", "request", "on", "wait")
                try await killed.signal(.kill)
                #expect(try await killed.result().status == 128 + 9)
                #expect(adapter.output(.init(.a, 3)) == true)
                let ended = try await holdLine("viperboard gpio a", "3", "request", "on", "release")
                #expect(ended.status == 0)
                #expect(adapter.output(.init(.a, 3)) == true)
                let next = try await holdLine("viperboard gpio a", "3", "request")
                #expect(next.status == 0)
                #expect(adapter.levels(.a, 3) == [false, true, false, true, false])
            }
        }

        @Test("A second device file of a chip, as on the Raspberry Pi 5, is no second chip")
        func linkedChip() async throws {
            try await withAdapter { chips in
                try await machine.shell(#"ln -s "${1##*/}" /dev/gpiochip99"#, [chips.a])
                let held = try await holdLine("viperboard gpio a", "3", "request", "on")
                try await machine.shell("rm /dev/gpiochip99")
                #expect(held.status == 0, "\(held.output)")
                #expect(adapter.levels(.a, 3) == [false, true])
            }
        }

        @Test("A label that two chips share names none of them")
        func twins() async throws {
            try await withAdapter { chips in
                let twin = ViperboardAdapter()
                let others = try await machine.plug(twin, as: "gpio-twin")
                let error = try await failure("viperboard gpio a", "3")
                try await machine.unplug("gpio-twin")
                #expect(error.hasPrefix("notFound: "))
                #expect(error.contains("2 chips have this label (\(chips.a), \(others.a))"))
                #expect(adapter.history.isEmpty && twin.history.isEmpty)
            }
        }

        @Test("A chip that this user may not open hides no other one, and says what is missing")
        func permission() async throws {
            try await withAdapter { chips in
                try await machine.shell(#"chmod 600 "$1"; chmod 666 "$2""#, [chips.a, chips.b])
                let held = try await holdLine("viperboard gpio b", "0", "as-nobody", "request", "on")
                #expect(held.status == 0, "\(held.output)")
                #expect(adapter.levels(.b, 0) == [false, true])
                let refused = try await holdLine("viperboard gpio a", "0", "as-nobody", "request")
                let error = try #require(refused.output.last)
                #expect(error.hasPrefix("permission: "))
                #expect(error.contains(chips.a))
                #expect(error.contains(#"SUBSYSTEM=="gpio""#))
            }
        }

        @Test("An adapter that is pulled is an error of every call, and the line can be requested again")
        func unplug() async throws {
            try await withAdapter { chips in
                for step in ["on", "read"] {
                    let holder = try await startHolder(
                        "viperboard gpio a", "3", "request", "on", "wait", step)
                    try await machine.unplug(chips.busID)
                    try await holder.signal(.interrupt)
                    let result = try await holder.result()
                    #expect(result.status == 1)
                    let error = try #require(result.output.last)
                    #expect(error.hasPrefix("notFound: "))
                    #expect(error.hasSuffix("request the line again."))
                    _ = try await machine.plug(adapter, as: chips.busID)
                }
                #expect(try await holdLine("viperboard gpio a", "3", "request").status == 0)
            }
        }
    }
}

extension DeviceTests.GPIOTests {
    /// What the exercise prints, whatever the library.
    private static func output(on chip: String, libgpiod version: Int) -> [String] {
        """
        libgpiod \(version)
        open files: 3
        chip \(chip): label "viperboard gpio a", 16 lines, same name
        chip /dev/null: \(version == 1 ? "ENOTTY" : "ENODEV")
        chip /nowhere/gpiochip0: ENOENT
        line 5: name "", consumer "", free, input
        request 5 inactive: held
        line 5: name "", consumer "exercise", used, output
        get: 0
        request 5 active: EBUSY
        line 5: name "", consumer "exercise", used, output
        set 1: 0, get: 1
        set 1: 0, get: 1
        set 0: 0, get: 0
        set 1: 0, get: 1
        request 6 active-low inactive: held
        set 1: 0, get: 1
        set 0: 0, get: 0
        released
        request 7 active: held
        line 7: name "", consumer "a consumer of more than 31 char", used, output
        get: 1
        released
        line 7: name "", consumer "", free, output
        line 16: EINVAL
        request 16 inactive: EINVAL
        request 0 inactive: \(version == 1 ? "ENOTTY" : "ENODEV")
        request 0 inactive: ENOENT
        released
        released
        open files: 3
        """.split(separator: "\n").map(String.init)
    }

    /// Plugs the adapter for the time of `body`.
    private func withAdapter(_ body: (GuestGPIOChips) async throws -> Void) async throws {
        try await machine.with(adapter, as: "gpio", body)
    }

    /// Runs `hold-line` to its end.
    private func holdLine(_ arguments: String...) async throws -> GuestProgram.Result {
        try await machine.run(try BuiltProgram.path("hold-line"), arguments).result()
    }

    /// Requests the line in vain and returns the error.
    private func failure(_ chip: String, _ line: String) async throws -> String {
        let result = try await holdLine(chip, line, "request")
        #expect(result.status == 1)
        return try #require(result.output.last)
    }

    /// Starts `hold-line` and returns when it waits for its signal.
    private func startHolder(_ arguments: String...) async throws -> GuestProgram {
        let program = try await machine.run(try BuiltProgram.path("hold-line"), arguments)
        _ = try await program.firstLine { $0.text == "waiting" ? true : nil }
        return program
    }
}

extension ViperboardAdapter {
    /// The levels that a line was driven to, in their order.
    fileprivate func levels(_ bank: Line.Bank, _ offset: Int) -> [Bool] {
        history.filter { $0.line == Line(bank, offset) }.map(\.isHigh)
    }
}
