// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
import Synchronization

/// A machine in memory for `--simulate`: one bus with a TMP102 in each of its rooms.
///
/// The rooms live in the time of the given source, so a test's virtual clock moves them; the same seed gives the same
/// readings. Whoever reads from here marks the readings as simulated.
package final class SimulatedHardware: Hardware {
    /// The name of the one adapter.
    package static let adapterName = "simulated"
    /// The addresses of the chips, one for each room in order.
    package static let addresses: [UInt8] = [0x48, 0x49, 0x4A, 0x4B]

    /// The bus with its chips, for faults and looks behind the scene.
    package let wires: VirtualI2CBus

    private struct House {
        var rooms: [Room]
        var generator: SeededGenerator
        var updatedAt: ContinuousClock.Instant
    }

    private let time: any TimeSource
    private let house: Mutex<House>

    /// Builds the rooms, at most four, and powers their chips up now.
    package init(time: any TimeSource, seed: UInt64, rooms: [Room] = SimulatedHardware.twoRooms) {
        let now = time.now().monotonic
        self.time = time
        house = Mutex(House(rooms: rooms, generator: SeededGenerator(seed: seed), updatedAt: now))
        wires = VirtualI2CBus(clock: { time.now().monotonic })
        for (address, room) in zip(Self.addresses, rooms) {
            wires.attach(TMP102Model(celsius: room.celsius, poweredAt: now), at: address)
        }
    }

    /// A living room and a cooler, heavier bedroom.
    package static var twoRooms: [Room] {
        var bedroom = Room.Properties()
        bedroom.timeConstant = .seconds(3 * 3600)
        bedroom.heaterRise = 22
        return [Room(celsius: 21), Room(bedroom, celsius: 18.5)]
    }

    /// Looks at or changes a room at the present moment; `nil` where there is no such room.
    package func withRoom<Value: Sendable>(_ index: Int, _ body: (inout Room) -> Value) -> Value? {
        let now = time.now().monotonic
        return house.withLock { house in
            Self.advance(&house, to: now)
            return house.rooms.indices.contains(index) ? body(&house.rooms[index]) : nil
        }
    }

    /// Opens the one adapter; throws `.notFound` for any other.
    package func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        guard bus == .adapter(Self.adapterName) else {
            throw BusError(
                .notFound, operation: "find I2C adapter", location: bus.description,
                advice: "The simulated machine has one adapter: \"\(Self.adapterName)\".")
        }
        return InMemoryI2CBus(wires, location: "simulated bus", beforeTransfer: { [self] in catchUp() })
    }

    /// The one adapter.
    package func i2cAdapters() -> [I2CAdapter] {
        [I2CAdapter(number: 0, name: Self.adapterName, deviceFile: Self.adapterName)]
    }

    /// None: the simulated machine has no 1-Wire bus.
    package func oneWireIDs() -> [String] { [] }

    /// None: no kernel driver measures here.
    package func kernelSensors() -> [KernelSensor] { [] }

    /// Always throws `.notFound`: the simulated machine has no sysfs.
    package func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        throw BusError(
            .notFound, operation: "find", location: device.description,
            advice:
                "The simulated machine has no such directory: use a tmp102 on adapter \"\(Self.adapterName)\"."
        )
    }

    /// Always throws `.unsupported`: this version drives no lines.
    package func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        throw BusError(
            .unsupported, operation: "request", location: line.description,
            advice: "This version does not drive GPIO lines: take the relay out of the configuration.")
    }

    /// Lets the rooms live until now and shows their air to the chips.
    private func catchUp() {
        let now = time.now().monotonic
        let sensed = house.withLock { house in
            Self.advance(&house, to: now)
            return house.rooms.map { $0.sensed(using: &house.generator) }
        }
        for (address, celsius) in zip(Self.addresses, sensed) {
            wires.setAmbient(Ambient(celsius: celsius), at: address)
        }
    }

    private static func advance(_ house: inout House, to now: ContinuousClock.Instant) {
        let passed = house.updatedAt.duration(to: now)
        guard passed > .zero else { return }
        house.updatedAt = now
        for index in house.rooms.indices { house.rooms[index].step(by: passed) }
    }
}
