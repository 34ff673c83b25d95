// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import TestClocks
import Testing

@testable import SensorDrivers

@Suite("Drivers on the simulated machine")
struct SimulatedReadingTests {
    @Test("the catalog's driver reads each room within the sensor's noise and step, hour after hour")
    func roomsAreRead() throws {
        let clock = VirtualTime()
        let hardware = SimulatedHardware(time: clock, seed: 42)
        let driver = try #require(DriverCatalog.driver(named: "tmp112"))
        guard case .i2c(let type) = driver.attachment else {
            Issue.record("tmp112 is an I2C chip")
            return
        }
        for (index, address) in SimulatedHardware.addresses.prefix(2).enumerated() {
            let bus = try hardware.openI2C(.adapter(SimulatedHardware.adapterName))
            var sensor = try type.init(I2CDevice(bus: bus, address: address), part: Part(driver.name))
            for _ in 0..<24 {
                clock.advance(by: .seconds(3600))
                clock.advance(by: try sensor.startConversion())
                let seen = try #require(try sensor.collect().measurements?.first?.goodValue)
                let real = try #require(hardware.withRoom(index) { $0.celsius })
                #expect(abs(seen - real) < 0.25)
            }
            sensor.restore()
        }
        let absent = #expect(throws: SensorError.self) {
            let bus = try hardware.openI2C(.adapter(SimulatedHardware.adapterName))
            _ = try type.init(I2CDevice(bus: bus, address: 0x4B), part: Part(driver.name))
        }
        #expect(absent?.kind == .notFound)
    }
}
