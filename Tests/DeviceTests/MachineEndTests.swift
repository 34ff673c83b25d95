// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Testing

extension DeviceTests {
    /// How machines end; each test has a machine of its own.
    @Suite struct MachineEndTests {
        @Test("A real reboot is told as one, and whoever waits on the guest gets an error")
        func reboot() async throws {
            try await EmulatedMachine.withMachine { machine in
                let waiting = try await machine.run("/bin/sleep", ["1000"])
                _ = try await machine.run("/bin/busybox", ["reboot", "-f"])
                #expect(try await machine.end() == "guest-reset")
                await #expect(throws: EmulatedMachineError.self) { try await waiting.result() }
                await #expect(throws: EmulatedMachineError.self) { try await machine.run("/bin/true") }
            }
        }

        @Test("A machine that boots again after a reboot takes commands again, and what ran before has ended")
        func bootsAgain() async throws {
            var configuration = MachineConfiguration()
            configuration.bootsAgain = true
            try await EmulatedMachine.withMachine(configuration) { machine in
                let waiting = try await machine.run("/bin/sleep", ["1000"])
                let first = try await machine.shell("cat /proc/sys/kernel/random/boot_id")
                _ = try await machine.run("/bin/busybox", ["reboot", "-f"])
                try await machine.boots(2)
                #expect(machine.resets > 0)
                await #expect(throws: EmulatedMachineError.self) { try await waiting.result() }
                #expect(try await machine.shell("cat /proc/sys/kernel/random/boot_id") != first)
            }
        }

        @Test("A machine that ends while it boots says how, with the end of its console")
        func endsWhileBooting() async throws {
            var configuration = MachineConfiguration()
            configuration.kernelArguments = ["rdinit=/bin/busybox", "--", "poweroff", "-f"]
            await #expect {
                _ = try await EmulatedMachine.start(configuration)
            } throws: { error in
                guard case .ended("guest-shutdown", let console)? = error as? EmulatedMachineError else {
                    return false
                }
                return console.last?.contains("Power down") == true
            }
        }

        @Test("A machine that takes too long says so and leaves nothing running")
        func late() async throws {
            var configuration = MachineConfiguration()
            configuration.bootLimit = .milliseconds(200)
            await #expect {
                _ = try await EmulatedMachine.start(configuration)
            } throws: { error in
                if case .late("booting the machine", _, _)? = error as? EmulatedMachineError {
                    true
                } else {
                    false
                }
            }
        }
    }
}
