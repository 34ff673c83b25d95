// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LinuxIO

@Suite("AccessAdvice")
struct AccessAdviceTests {
    private static let rule = #"SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660""#

    @Test("numbers other than those of refusal need no advice")
    func otherNumbers() {
        #expect(AccessAdvice.sentence(for: 5, path: "/dev/null", rule: Self.rule) == "")
    }

    @Test("a file that only root may use needs the rule")
    func rootOnly() throws {
        let machine = try FakeMachine()
        try machine.write("", to: "dev/i2c-1")
        let advice = AccessAdvice.sentence(for: 13, path: "\(machine.devices)/i2c-1", rule: Self.rule)
        #expect(advice.contains(Self.rule))
    }

    @Test("a file for a group names the group, and one that its group may not write needs the rule")
    func group() {
        let open = AccessAdvice.sentence(mode: 0o020_660, group: "i2c", rule: Self.rule)
        #expect(open.contains("usermod -aG i2c"))
        #expect(!open.contains(Self.rule))
        #expect(AccessAdvice.sentence(mode: 0o020_640, group: "i2c", rule: Self.rule).contains(Self.rule))
        #expect(AccessAdvice.sentence(mode: 0o020_660, group: nil, rule: Self.rule).contains(Self.rule))
    }

    @Test("without the file there is no group to name")
    func noFile() {
        let advice = AccessAdvice.sentence(for: 13, path: "/nowhere/i2c-1", rule: Self.rule)
        #expect(advice == "Run as a user who may open /nowhere/i2c-1.")
    }
}
