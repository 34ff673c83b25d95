// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import EmulatedMachine
import Foundation
import Testing

extension DeviceTests {
    /// The machine itself: what the other suites stand on.
    @Suite struct GuestTests {
        private let machine: EmulatedMachine

        init() throws {
            machine = try DeviceTests.machine()
        }

        @Test("A program gets its arguments and exactly its environment, and its output and status come back")
        func runsPrograms() async throws {
            let script =
                #"printf '%s\n' "$1" "$ONLY" "${PATH-none}"; echo oops >&2; printf unfinished; exit 7"#
            let program = try await machine.run(
                "/bin/sh", ["-c", script, "sh", "it's \"$HOME\"  two  spaces"], environment: ["ONLY": "a=b c"]
            )
            let result = try await program.result()
            #expect(result.status == 7)
            #expect(result.output.prefix(2) == ["it's \"$HOME\"  two  spaces", "a=b c"])
            #expect(result.output.last == "unfinished")
            #expect(result.errors == ["oops"])
        }

        @Test("A missing program is status 127 with a reason")
        func missingProgram() async throws {
            let result = try await machine.run("/no/such/program").result()
            #expect(result.status == 127)
            #expect(result.errors.joined().contains("/no/such/program"))
        }

        @Test("Output arrives while the program runs, and a signal ends it")
        func streamsAndSignals() async throws {
            let program = try await machine.run(
                "/bin/sh",
                ["-c", "trap 'echo ending; exit 3' TERM; echo begun; while :; do sleep 0.05; done"])
            let begun = try await program.firstLine { $0.text == "begun" ? true : nil }
            try await program.signal(.terminate)
            _ = try await program.firstLine(from: begun.index + 1) { $0.text == "ending" ? true : nil }
            #expect(try await program.result().status == 3)
        }

        @Test("Waiting for a line of a program that ended says how it ended")
        func endedBeforeLine() async throws {
            let program = try await machine.run("/bin/sh", ["-c", "exit 5"])
            await #expect {
                _ = try await program.firstLine { $0.text == "never" ? true : nil }
            } throws: {
                ($0 as? GuestProgram.Exit)?.status == 5
            }
        }

        @Test("The shared folder is the same on both sides at once")
        func sharesFolder() async throws {
            let file = "\(machine.share)/note"
            try "from the host".write(toFile: file, atomically: true, encoding: .utf8)
            let seen = try await machine.shell(
                "cat \(EmulatedMachine.guestShare)/note; echo from the guest >\(EmulatedMachine.guestShare)/note"
            )
            #expect(seen == ["from the host"])
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "from the guest\n")
        }

        @Test("What the guest writes to its root stays in the guest")
        func keepsHostClean() async throws {
            let file = "/tmp/written-by-the-guest-\(UUID().uuidString)"
            let seen = try await machine.shell("echo here >'\(file)'; cat '\(file)'")
            #expect(seen == ["here"])
            #expect(!FileManager.default.fileExists(atPath: file))
        }

        @Test("The guest's clock is the host's, as TLS and tokens need it")
        func clock() async throws {
            let before = Date().timeIntervalSince1970
            let text = try await machine.shell("date +%s.%N").joined()
            let after = Date().timeIntervalSince1970
            let guest = try #require(Double(text))
            #expect((before - 5...after + 5).contains(guest))
        }

        @Test("A program reaches a listener on the host's loopback, until the cable is pulled")
        func network() async throws {
            let connect = "exec 3<>/dev/tcp/\(GuestNetwork.program.host)/\(machine.usb.port)"
            try await machine.shell(connect)
            try await machine.setLink(.program, up: false)
            let cut = try await machine.run("/usr/bin/timeout", ["2", "/bin/bash", "-c", connect]).result()
            #expect(cut.status == 124)
            try await machine.setLink(.program, up: true)
            try await machine.shell(connect)
        }

        @Test("A Swift program that was just built on the host runs in the guest")
        func swiftProgram() async throws {
            let tests = try #require(Bundle.main.executablePath)
            let start = ContinuousClock.now
            let program = try await machine.run(
                tests, ["--testing-library", "swift-testing", "--list-tests"])
            let result = try await program.result()
            #expect(result.output.contains { $0.contains("GuestTests/swiftProgram") })
            print("Emulated machine: a debug build with Foundation ran \(ContinuousClock.now - start)")
        }

        @Test("The machine is the one that its board file is for")
        func productName() async throws {
            let name = try await machine.shell("cat /sys/class/dmi/id/product_name").joined()
            #expect(name.hasPrefix("Standard PC (Q35 + ICH9"))
        }

        @Test("A host name can be given to the host")
        func hostName() async throws {
            try await machine.name(.program, "hub.example")
            let address = try await machine.shell("getent hosts hub.example")
            #expect(address.joined().hasPrefix(GuestNetwork.program.host))
        }
    }
}
