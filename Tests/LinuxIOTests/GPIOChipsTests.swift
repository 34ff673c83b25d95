// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import HardwareIO
import Testing

@testable import LinuxIO

/// What can be said without a chip; `GPIOTests` of the device tests has chips.
@Suite("GPIOChips")
struct GPIOChipsTests {
    private static let relay = LineAddress(chip: "pinctrl-bcm2711", line: .name("GPIO17"))
    private let machine: FakeMachine
    private let chips: GPIOChips

    init() throws {
        machine = try FakeMachine()
        chips = GPIOChips(deviceRoot: machine.devices)
    }

    private func failure() -> BusError? {
        let hardware = LinuxHardware(sysfsRoot: machine.sysfs, deviceRoot: machine.devices)
        return #expect(throws: BusError.self) {
            try hardware.openLine(Self.relay, LineUse(activeLow: false, consumer: "test"))
        }
    }

    private func expectNoChip(_ error: BusError?) {
        #expect(error?.kind == .notFound)
        #expect(error?.location == "line GPIO17 of pinctrl-bcm2711")
        #expect(error?.advice.contains("no GPIO chip in \(machine.devices)") == true)
    }

    @Test("a machine without GPIO chips is told to get a driver")
    func noChips() throws {
        expectNoChip(failure())
        try machine.makeFolder("dev")
        expectNoChip(failure())
    }

    @Test("files that are no chips are none, whatever their names")
    func noChipFiles() throws {
        try machine.write("", to: "dev/gpiochip0")
        try machine.link("dev/gpiochip1", to: "/dev/null")
        try machine.link("dev/gpiochip2", to: "gpiochip9")
        try machine.write("", to: "dev/gpio0")
        expectNoChip(failure())
    }

    @Test("a chip that cannot be opened may be the wanted one, so its error is told")
    func refused() throws {
        try machine.write("", to: "dev/gpiochip0")
        try machine.makeFolder("dev/gpiochip1")
        let error = failure()
        #expect(error?.kind == .inputOutput)
        #expect(error?.errno == EISDIR)
        #expect(error?.location == "\(machine.devices)/gpiochip1, looking for line GPIO17 of pinctrl-bcm2711")
    }

    @Test(
        "a refused file asks for the rule of GPIO devices",
        .enabled(if: geteuid() != 0, "root is refused nothing"))
    func permission() throws {
        try machine.makeFolder("dev/gpiochip0")
        try machine.write("", to: "dev/gpiochip1")
        #expect(chmod("\(machine.devices)/gpiochip1", 0) == 0)
        let error = failure()
        #expect(error?.kind == .permission)
        #expect(error?.advice.isEmpty == false)
    }

    @Test("a request's error number says what to do next")
    func requestAdvice() {
        let place = GPIOChips.Place(path: "/dev/null", offset: 3)
        let busy = chips.advice(forRequest: EBUSY, at: place)
        #expect(busy.hasPrefix("Somebody holds this line without a name"))
        for number in [EINVAL, EIO, ENODEV, ENXIO] {
            #expect(chips.advice(forRequest: number, at: place).hasSuffix("."))
        }
        #expect(chips.advice(forRequest: ENOMEM, at: place) == "")
    }

    @Test("a line whose chip is gone says so")
    func heldAdvice() {
        #expect(GPIOChips.advice(for: ENODEV).contains("plug it in"))
        #expect(GPIOChips.advice(for: EIO) == "")
    }

    @Test("what is no chip has no lines")
    func noLine() {
        let error = #expect(throws: BusError.self) {
            try chips.line(at: GPIOChips.Place(path: "/dev/null", offset: 3))
        }
        // The first is what libgpiod 1.6 says, the second 2.x.
        #expect([ENOTTY, ENODEV].contains(error?.errno))
        #expect(error?.location == "/dev/null offset 3")
    }
}
