// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import TestClocks

@testable import ChipModels
@testable import Simulation

/// One chip model on a bus of its own, in a time that the test moves.
struct ModelBench {
    let wires: VirtualI2CBus
    let bus: InMemoryI2CBus
    let device: I2CDevice
    private let clock: VirtualTime

    /// Puts the chip that `make` powers up now at `address`.
    init(at address: UInt8, _ make: (ContinuousClock.Instant) -> some I2CChipModel) {
        let clock = VirtualTime()
        self.clock = clock
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = InMemoryI2CBus(wires, location: "test bus")
        device = I2CDevice(bus: bus, address: address)
        wires.attach(make(clock.instant), at: address)
    }

    func wait(_ duration: Duration) { clock.advance(by: duration) }

    func set(_ celsius: Double) { wires.setAmbient(Ambient(celsius: celsius), at: device.address) }

    func word(_ register: UInt8) throws -> UInt16 { try device.readWord(from: register) }

    func byte(_ register: UInt8) throws -> UInt8? { try device.read(1, from: register).first }

    func write(_ word: UInt16, _ register: UInt8) throws { try device.writeWord(word, to: register) }

    func settings<Model: AmbientChipModel>(of type: Model.Type) -> [UInt16]? {
        wires.withModel(type, at: device.address) { model, _ in model.settings }
    }
}
