// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import EmulatedMachine
import Simulation
import Testing

extension DeviceTests {
    /// The kernel's own drivers read our chip models: two programs that know nothing of each other agree on the wire.
    @Suite(.pluggedAdapter) struct KernelDriverTests {
        private let machine: EmulatedMachine
        private let plugged: PluggedAdapterTrait.Plugged

        init() throws {
            machine = try DeviceTests.machine()
            plugged = try #require(PluggedAdapterTrait.plugged)
        }

        @Test(
            "The kernel's driver measures the air around the model, and its change",
            arguments: KernelDriver.all)
        func measures(driver: KernelDriver) async throws {
            let bus = plugged.adapter.bus
            let ambients = [
                Ambient(celsius: 21.5, relativeHumidity: 45, pascals: 98_765),
                Ambient(celsius: -5.25, relativeHumidity: 80.5, pascals: 101_325),
            ]
            if let module = driver.spareModule { try await machine.load(module) }
            driver.attach(ambients[0], to: bus)
            try await machine.bind(driver, on: plugged.bus)
            for ambient in ambients {
                bus.setAmbient(ambient, at: driver.address)
                for reading in try await machine.measure(driver, in: ambient, on: plugged.bus) {
                    #expect(reading.isExpected, "\(reading.text)")
                }
            }
            try await machine.unbind(driver, on: plugged.bus)
            bus.detach(at: driver.address)
            if let module = driver.spareModule { try await machine.unload(module) }
        }
    }
}

extension KernelDriver {
    /// A last reading: whether it was as expected, and the words about it.
    fileprivate struct Reading {
        var isExpected: Bool
        var text: String
    }

    fileprivate func directory(on bus: GuestI2CBus) -> String {
        let digits = String(address, radix: 16)
        return
            "/sys/bus/i2c/devices/\(bus.number)-\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }
}

extension EmulatedMachine {
    /// Binds a driver to the chip.
    fileprivate func bind(_ driver: KernelDriver, on bus: GuestI2CBus) async throws {
        try await shell(
            #"echo "$1 $2" >"/sys/bus/i2c/devices/i2c-$3/new_device""#,
            [driver.name, "\(driver.address)", "\(bus.number)"])
    }

    /// Releases the chip again.
    fileprivate func unbind(_ driver: KernelDriver, on bus: GuestI2CBus) async throws {
        try await shell(
            #"echo "$1" >"/sys/bus/i2c/devices/i2c-$2/delete_device""#,
            ["\(driver.address)", "\(bus.number)"])
    }

    /// Reads each value until it is as expected, or for ten seconds.
    ///
    /// A first conversion takes its time, and so do the caches of some drivers: sht4x two seconds, sht21 half of one.
    fileprivate func measure(
        _ driver: KernelDriver, in ambient: Ambient, on bus: GuestI2CBus
    ) async throws -> [KernelDriver.Reading] {
        let words = driver.values.flatMap { $0.words(for: ambient) }
        let lines = try await shell(Self.measuring, [driver.directory(on: bus)] + words)
        try #require(lines.count == driver.values.count, "\(lines)")
        return lines.map { KernelDriver.Reading(isExpected: $0.hasPrefix("good"), text: $0) }
    }

    /// A value that is not ready is an error of the read, and the files appear with the driver.
    private static let measuring = #"""
        cd "$1"
        shift
        while [ $# != 0 ]; do
            verdict=bad
            for ((end = SECONDS + 10; SECONDS < end; )); do
                value=$(cat $1 2>/dev/null) || continue
                if awk -v got="$value" -v want="$2" -v step="$3" \
                    'BEGIN { exit !(got != "" && got - want <= step && want - got <= step) }'
                then
                    verdict=good
                    break
                fi
            done
            echo "$verdict: $1 is $value, expected $2 within $3"
            shift 3
        done
        """#
}
