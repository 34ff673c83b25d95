// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Simulation
import TestClocks

/// One chip model on a bus of its own, in a time that the test moves; what is not acknowledged reads as `nil` or false.
struct CommandBench {
    let clock = VirtualTime()
    let wires: VirtualI2CBus
    let address: UInt8
    private let bus: InMemoryI2CBus

    /// Puts the model that `make` powers up now at the address.
    init(at address: UInt8, _ make: (ContinuousClock.Instant) -> some AmbientChipModel) {
        let clock = clock
        self.address = address
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = InMemoryI2CBus(wires, location: "test bus")
        wires.attach(make(clock.instant), at: address)
    }

    func wait(_ duration: Duration) { clock.advance(by: duration) }

    func set(_ celsius: Double, _ humidity: Double = 45) {
        wires.setAmbient(Ambient(celsius: celsius, relativeHumidity: humidity), at: address)
    }

    /// One write; false where the address or a byte was not acknowledged.
    @discardableResult
    func write(_ bytes: UInt8...) -> Bool {
        (try? bus.transfer(to: address, write: bytes, readCount: 0)) != nil
    }

    /// A read of its own, or after `pointer` and a repeated START.
    func read(_ count: Int, after pointer: UInt8...) -> [UInt8]? {
        try? bus.transfer(to: address, write: pointer, readCount: count)
    }

    func settings<Model: AmbientChipModel>(of type: Model.Type) -> [UInt16]? {
        wires.withModel(type, at: address) { model, _ in model.settings }
    }
}
