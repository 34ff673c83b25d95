// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import HardwareIO
import Quantities
import SensorDrivers
import Synchronization

@testable import AgentCore

/// Two buses of one chip each and more; a call on the first blocks, as in a driver of the kernel, until the test releases it.
final class HangingHardware: Hardware {
    static let hung = I2CBusAddress.adapter("hung")
    static let sound = I2CBusAddress.adapter("sound")

    private let isHanging = Mutex(true)
    private let door = DispatchSemaphore(value: 0)
    private let calls = Mutex<[UInt8: Int]>([:])

    /// How many transfers to chips at `address` have begun.
    func calls(at address: UInt8) -> Int { calls.withLock { $0[address] ?? 0 } }

    /// Lets the blocked call, of which there is one, go on and all later ones pass.
    func release() {
        isHanging.withLock { $0 = false }
        door.signal()
    }

    /// From now on a call blocks.
    func hang() { isHanging.withLock { $0 = true } }

    fileprivate func enter(_ bus: I2CBusAddress, _ address: UInt8) {
        calls.withLock { $0[address, default: 0] += 1 }
        if bus == Self.hung, isHanging.withLock({ $0 }) { door.wait() }
    }

    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus { Bus(self, bus) }

    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        throw BusError(.notFound, operation: "find", location: device.description)
    }
    func i2cAdapters() -> [I2CAdapter] { [] }
    func oneWireIDs() -> [String] { [] }
    func kernelSensors() -> [KernelSensor] { [] }
    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        throw BusError(.unsupported, operation: "request", location: line.description)
    }

    /// A sensor at `address` that answers its address as its temperature.
    func setup(
        _ name: String, on bus: I2CBusAddress, at address: UInt8, every seconds: Int = 8,
        standIn: SensorSetup.StandIn? = nil
    ) -> SensorSetup {
        SensorSetup(
            name: SensorName(name), source: .hardware(driver: "plain", place: "\(bus)"),
            bus: bus.description, interval: .seconds(seconds), standIn: standIn,
            open: { connections throws(SensorError) in
                Plain(device: try connections.chip(on: bus, at: address))
            })
    }

    private final class Bus: I2CBus {
        let location: String
        private let hardware: HangingHardware
        private let address: I2CBusAddress

        init(_ hardware: HangingHardware, _ address: I2CBusAddress) {
            self.hardware = hardware
            self.address = address
            location = address.description
        }

        func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
            hardware.enter(self.address, address)
            return [UInt8](repeating: address, count: readCount)
        }

        func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool { true }
    }

    private struct Plain: Sensor {
        let device: I2CDevice
        mutating func startConversion() throws(SensorError) -> Duration { .zero }
        mutating func collect() throws(SensorError) -> Progress {
            do throws(BusError) {
                return .finished([Measurement(.temperature, Double(try device.read(1, from: 0)[0]))])
            } catch {
                throw SensorError(error, while: "reading")
            }
        }
        mutating func restore() {}
    }
}
