// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import HardwareIO
import Quantities
import Simulation
import Synchronization
import TestClocks

/// One bus with a TMP102 at 19 °C, whose address a kernel driver may hold.
final class MachineWithHolder: Hardware {
    /// What a kernel driver that holds the chip shows of it.
    enum Holder: Sendable {
        case hwmon([String: String])
        case iio([String: String])
    }

    /// The text that the bus gives for a held address.
    static let advice = "Set when-held."

    let wires: VirtualI2CBus
    private let chip: I2CChipAddress
    private let state = Mutex<(holder: Holder?, opened: [SysfsAddress])>((nil, []))

    init(time: VirtualTime, chip: I2CChipAddress) {
        self.chip = chip
        wires = VirtualI2CBus(clock: { time.now().monotonic })
        wires.attach(TMP102Model(celsius: 19, poweredAt: time.now().monotonic), at: chip.address)
    }

    var holder: Holder? {
        get { state.withLock { $0.holder } }
        set { state.withLock { $0.holder = newValue } }
    }

    /// Every directory of sysfs that was asked for, in order.
    var opened: [SysfsAddress] { state.withLock { $0.opened } }

    func openI2C(_ bus: I2CBusAddress) throws(BusError) -> sending any I2CBus {
        guard bus == chip.bus else { throw Self.failure(.notFound, "open") }
        return Bus(wires) { [self] in holder != nil }
    }

    func openSysfs(_ device: SysfsAddress) throws(BusError) -> sending any SysfsDevice {
        let holder = state.withLock { state in
            state.opened.append(device)
            return state.holder
        }
        let files: [String: String]
        switch (holder, device) {
        case (.hwmon(let shown)?, .hwmon(nil, chip)), (.iio(let shown)?, .iio(nil, chip)): files = shown
        default: throw Self.failure(.notFound, "find")
        }
        return Device(files.mapValues { .success(Array($0.utf8)) }) { [self] in self.holder != nil }
    }

    func openLine(_ line: LineAddress, _ use: LineUse) throws(BusError) -> sending any OutputLine {
        throw Self.failure(.unsupported, "request")
    }

    func i2cAdapters() -> [I2CAdapter] { [] }
    func oneWireIDs() -> [String] { [] }
    func kernelSensors() -> [KernelSensor] { [] }

    static func failure(_ kind: BusError.Kind, _ operation: String) -> BusError {
        BusError(kind, operation: operation, location: "test", advice: kind == .busy ? advice : "")
    }

    /// A bus that refuses a held address, as the kernel does.
    private final class Bus: I2CBus {
        private let bus: InMemoryI2CBus
        private let isHeld: () -> Bool
        var location: String { bus.location }

        init(_ wires: VirtualI2CBus, isHeld: @escaping () -> Bool) {
            bus = InMemoryI2CBus(wires, location: "test")
            self.isHeld = isHeld
        }

        func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
            if isHeld() { throw MachineWithHolder.failure(.busy, "ioctl(I2C_SLAVE)") }
            return try bus.transfer(to: address, write: write, readCount: readCount)
        }

        func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
            try bus.answers(at: address, to: probe)
        }
    }

    /// A directory that is gone with the driver that showed it.
    private final class Device: SysfsDevice {
        private let files: InMemorySysfsDevice
        private let isThere: () -> Bool
        var location: String { files.location }

        init(_ files: [String: Result<[UInt8], BusError>], isThere: @escaping () -> Bool) {
            self.files = InMemorySysfsDevice(files)
            self.isThere = isThere
        }

        func read(_ attribute: String) throws(BusError) -> [UInt8] {
            guard isThere() else { throw MachineWithHolder.failure(.notFound, "open") }
            return try files.read(attribute)
        }

        func attributes() -> [String] { isThere() ? files.attributes() : [] }

        func write(_ bytes: [UInt8], to attribute: String) throws(BusError) {
            try files.write(bytes, to: attribute)
        }
    }
}
