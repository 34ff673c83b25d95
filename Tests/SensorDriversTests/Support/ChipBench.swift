// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import Simulation
import Synchronization
import Testing

@testable import SensorDrivers

/// A chip model of the catalog on a bus of its own, in a time that the test moves.
struct ChipBench {
    let wires: VirtualI2CBus
    let address: UInt8
    let bus: FaultyBus
    private let clock: BenchClock

    /// Puts the model of that name, powered for a minute, at the address; `nil` leaves the bus empty.
    init(model: (any AmbientChipModel.Type)?, address: UInt8, celsius: Double = 20) {
        let clock = BenchClock()
        self.clock = clock
        self.address = address
        wires = VirtualI2CBus(clock: { clock.instant })
        bus = FaultyBus(InMemoryI2CBus(wires, location: "bench"))
        if let model {
            wires.attach(
                model.init(ambient: Ambient(celsius: celsius), poweredAt: clock.instant), at: address)
        }
        clock.advance(by: .seconds(60))
    }

    var device: I2CDevice { I2CDevice(bus: bus, address: address) }

    func wait(_ duration: Duration) { clock.advance(by: duration) }

    func setTemperature(_ celsius: Double) { wires.setAmbient(Ambient(celsius: celsius), at: address) }

    /// One whole reading as the sampling does it.
    func read(_ sensor: inout any I2CSensorDriver) throws(SensorError) -> Double? {
        wait(try sensor.startConversion())
        return try sensor.collect().first { $0.quantity == .temperature }?.goodValue
    }

    /// Whether one whole reading gives about `celsius`.
    func gives(_ celsius: Double, _ sensor: inout any I2CSensorDriver) throws(SensorError) -> Bool {
        guard let value = try read(&sensor) else { return false }
        return abs(value - celsius) < 0.1
    }
}

/// A clock that stands still until a test moves it.
final class BenchClock: TimeSource {
    private let state = Mutex(ContinuousClock.now)

    var instant: ContinuousClock.Instant { state.withLock(\.self) }

    func advance(by duration: Duration) { state.withLock { $0 = $0.advanced(by: duration) } }

    func now() -> Now { Now(monotonic: instant, wall: nil, wallIsTrusted: false) }

    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
        state.withLock { $0 = max($0, deadline) }
    }
}

/// A bus that counts transactions and fails the one that it was told to fail.
final class FaultyBus: I2CBus {
    var location: String { bus.location }
    private let bus: any I2CBus
    private(set) var count = 0
    /// The number of the transaction that fails, counted from 0, and how.
    var fault: (transaction: Int, kind: BusError.Kind)?

    init(_ bus: any I2CBus) { self.bus = bus }

    func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        defer { count += 1 }
        if let fault, fault.transaction == count {
            throw BusError(fault.kind, operation: "injected fault", location: location)
        }
        return try bus.transfer(to: address, write: write, readCount: readCount)
    }
}
