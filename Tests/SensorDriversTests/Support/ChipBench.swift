// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Synchronization
import TestClocks
import Testing

@testable import SensorDrivers

/// A chip model of the catalog on a bus of its own, in a time that the test moves.
struct ChipBench {
    let wires: VirtualI2CBus
    let address: UInt8
    let bus: FaultyBus
    private let clock: VirtualTime

    /// Puts the model of that name, powered for a minute, at the address; `nil` leaves the bus empty.
    init(model: (any AmbientChipModel.Type)?, address: UInt8, ambient: Ambient = Ambient(celsius: 20)) {
        let clock = VirtualTime()
        self.clock = clock
        self.address = address
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = FaultyBus(InMemoryI2CBus(wires, location: "bench"))
        if let model {
            wires.attach(model.init(ambient: ambient, poweredAt: clock.instant), at: address)
        }
        clock.advance(by: .seconds(60))
    }

    var device: I2CDevice { I2CDevice(bus: bus, address: address) }

    func wait(_ duration: Duration) { clock.advance(by: duration) }

    func set(_ ambient: Ambient) { wires.setAmbient(ambient, at: address) }

    func setTemperature(_ celsius: Double) { set(Ambient(celsius: celsius)) }

    /// One whole reading as the sampling does it: no wait is longer or shorter than the driver asks for.
    func read(_ sensor: inout any I2CSensorDriver) throws(SensorError) -> [Measurement] {
        wait(try sensor.startConversion())
        for _ in 0..<100 {
            switch try sensor.collect() {
            case .finished(let measurements): return measurements
            case .wait(let duration): wait(duration)
            }
        }
        throw SensorError(.notReady, "the driver waits for ever")
    }

    /// Whether one whole reading gives about `celsius`.
    func gives(_ celsius: Double, _ sensor: inout any I2CSensorDriver) throws(SensorError) -> Bool {
        let measurements = try read(&sensor)
        // The coarsest part has steps of half a degree.
        guard let value = measurements.value(of: .temperature) else { return false }
        return abs(value - celsius) < 0.3
    }
}

extension [Measurement] {
    /// The value of `quantity` where it may be published as it is, else `nil`.
    func value(of quantity: Quantity) -> Double? { first { $0.quantity == quantity }?.goodValue }
}

/// A bus that counts transactions and spoils the one that it was told to spoil.
final class FaultyBus: I2CBus {
    /// What happens to a transaction.
    enum Fault {
        /// It fails.
        case failure(BusError.Kind)
        /// The chip takes it, and then it fails.
        case lateFailure(BusError.Kind)
        /// One bit of what is read arrives flipped; counted from the first byte's most significant one.
        case flippedBit(Int)
    }

    var location: String { bus.location }
    private let bus: any I2CBus
    private(set) var count = 0
    /// How many bytes each transaction so far has read.
    private(set) var readCounts: [Int] = []
    /// The number of the transaction that is spoiled, counted from 0, and how.
    var fault: (transaction: Int, fault: Fault)?

    init(_ bus: any I2CBus) { self.bus = bus }

    func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try bus.answers(at: address, to: probe)
    }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        defer { count += 1 }
        readCounts.append(readCount)
        guard let fault, fault.transaction == count else {
            return try bus.transfer(to: address, write: write, readCount: readCount)
        }
        switch fault.fault {
        case .failure(let kind): throw BusError(kind, operation: "injected fault", location: location)
        case .lateFailure(let kind):
            _ = try bus.transfer(to: address, write: write, readCount: readCount)
            throw BusError(kind, operation: "injected fault", location: location)
        case .flippedBit(let bit):
            var bytes = try bus.transfer(to: address, write: write, readCount: readCount)
            if bit / 8 < bytes.count { bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8) }
            return bytes
        }
    }
}
