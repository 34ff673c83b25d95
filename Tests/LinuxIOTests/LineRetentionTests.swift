// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LinuxIO

@Suite("LineRetention")
struct LineRetentionTests {
    private let machine: FakeMachine

    init() throws {
        machine = try FakeMachine()
    }

    private func set(_ value: String, of module: String) throws {
        try machine.write(value, to: "sys/module/\(module)/parameters/persist_gpio_outputs")
    }

    @Test(
        "a driver's parameter tells whether a level outlives its program",
        arguments: [
            ("Y\n", LineRetention.kept), ("1\n", .kept), ("N\n", .released), ("0\n", .released),
            ("\n", .unknown),
            ("perhaps\n", .unknown),
        ])
    func parameter(value: String, retention: LineRetention) throws {
        try set(value, of: "pinctrl_bcm2835")
        try set(value, of: "pinctrl_rp1")
        for chip in ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"] {
            #expect(LineRetention.read(chip: chip, sysfsRoot: machine.sysfs) == retention)
        }
    }

    @Test("the parameter of one driver says nothing about the chips of another one")
    func otherChip() throws {
        try set("Y\n", of: "pinctrl_rp1")
        #expect(LineRetention.read(chip: "pinctrl-bcm2711", sysfsRoot: machine.sysfs) == .unknown)
        #expect(LineRetention.read(chip: "viperboard gpio a", sysfsRoot: machine.sysfs) == .unknown)
    }

    @Test("a kernel without the parameter promises nothing")
    func noParameter() {
        #expect(LineRetention.read(chip: "pinctrl-bcm2835", sysfsRoot: machine.sysfs) == .unknown)
        #expect(LineRetention.read(chip: "pinctrl-rp1", sysfsRoot: machine.sysfs) == .unknown)
    }

    @Test("each case has a sentence of its own")
    func sentences() {
        let sentences = [LineRetention.released, .kept, .unknown].map(\.sentence)
        #expect(Set(sentences).count == 3)
        #expect(sentences.allSatisfy { $0.hasPrefix("If this program dies, ") && $0.hasSuffix(".") })
    }
}
