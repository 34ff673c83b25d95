// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
package import SensorDrivers

/// What a scan found: a value that can be printed, kept and sent.
package struct ScanReport: Sendable, Hashable {
    /// The I²C adapters, by ascending number.
    package var adapters: [Adapter]
    /// The slaves that the kernel sees on its 1-Wire buses, by id.
    package var oneWire: [OneWireDevice]
    /// What kernel drivers measure by themselves.
    package var kernelSensors: [KernelDevice]

    /// Makes a report from its parts.
    package init(
        adapters: [Adapter] = [], oneWire: [OneWireDevice] = [], kernelSensors: [KernelDevice] = []
    ) {
        self.adapters = adapters
        self.oneWire = oneWire
        self.kernelSensors = kernelSensors
    }

    /// Whether an adapter could not be scanned to its end.
    package var hasProblems: Bool { adapters.contains { $0.problem != nil } }

    /// One I²C adapter and what answers on it.
    package struct Adapter: Sendable, Hashable {
        /// The kernel's number; it can change between boots.
        package var number: Int
        /// The name that the adapter's driver gives it.
        package var name: String
        /// The name of the adapter's parent device; `nil` where it has none.
        package var controller: String?
        /// The device file.
        package var deviceFile: String
        /// What was found, by ascending address.
        package var chips: [Chip]
        /// Why the scan of this adapter did not come to its end; `nil` where it did.
        package var problem: Problem?

        /// Begins the report of an adapter.
        package init(
            number: Int, name: String, controller: String? = nil, deviceFile: String, chips: [Chip] = [],
            problem: Problem? = nil
        ) {
            self.number = number
            self.name = name
            self.controller = controller
            self.deviceFile = deviceFile
            self.chips = chips
            self.problem = problem
        }

        /// The adapter as the hardware layer describes it, without the holders of its addresses.
        package var i2cAdapter: I2CAdapter {
            I2CAdapter(number: number, name: name, controller: controller, deviceFile: deviceFile)
        }
    }

    /// What is at one address.
    package struct Chip: Sendable, Hashable {
        /// The 7-bit address.
        package var address: UInt8
        /// What was found there.
        package var finding: Finding

        /// Makes an entry.
        package init(_ address: UInt8, _ finding: Finding) {
            self.address = address
            self.finding = finding
        }
    }

    /// What an address turned out to be.
    package enum Finding: Sendable, Hashable {
        /// A chip that is known, or one of several that cannot be told apart.
        case identified(ChipIdentity)
        /// Something answers, but it is none of the known chips.
        case unknown(reason: String)
        /// Something answers, but this adapter cannot make the transfers that it takes to tell what.
        case notAskable(reason: String)
        /// A kernel driver holds the address, so nothing was sent; `nil` where the kernel does not name it.
        case held(driver: String?)
        /// The running agent reads this chip, so nothing was sent.
        case inUse(SensorName)
        /// Asking failed.
        case failed(Problem)
    }

    /// Something that did not work.
    package struct Problem: Sendable, Hashable {
        /// A word for programs: a kind of bus or sensor error, or `cancelled`.
        package var kind: String
        /// What happened and what to do about it, for people.
        package var text: String

        /// Makes a problem.
        package init(kind: String, text: String) {
            self.kind = kind
            self.text = text
        }
    }

    /// A slave on a 1-Wire bus.
    package struct OneWireDevice: Sendable, Hashable {
        /// The full id, for example `28-0316a279fcff`.
        package var id: String
        /// What it is: never `.held`, `.notAskable` or `.failed`, because nothing is sent to find out.
        package var finding: Finding

        /// Makes an entry.
        package init(id: String, finding: Finding) {
            self.id = id
            self.finding = finding
        }
    }

    /// A device that a kernel driver measures with.
    package struct KernelDevice: Sendable, Hashable {
        /// Where sysfs has it.
        package enum Kind: String, Sendable, Hashable {
            case hwmon, iio, thermal
        }

        /// Where sysfs has it.
        package var kind: Kind
        /// The content of its `name` or `type`; `nil` where it has none.
        package var name: String?
        /// The number of the I²C adapter that its chip is on; `nil` where it is not on one.
        package var adapter: Int?
        /// The 7-bit address of its chip.
        package var address: UInt8?
        /// The attributes that hold values.
        package var attributes: [String]

        /// Makes an entry.
        package init(
            kind: Kind, name: String?, adapter: Int? = nil, address: UInt8? = nil, attributes: [String]
        ) {
            self.kind = kind
            self.name = name
            self.adapter = adapter
            self.address = address
            self.attributes = attributes
        }
    }
}

extension ScanReport.KernelDevice {
    /// The entry for what the hardware layer lists; `nil` for a 1-Wire slave, which has a list of its own.
    init?(_ sensor: KernelSensor) {
        let kind: Kind
        let name: String?
        switch sensor.address {
        case .hwmon(let text, _): (kind, name) = (.hwmon, text)
        case .iio(let text, _): (kind, name) = (.iio, text)
        case .thermalZone(let text): (kind, name) = (.thermal, text)
        case .oneWire: return nil
        }
        self.init(
            kind: kind, name: name, adapter: sensor.chip?.adapter, address: sensor.chip?.address,
            attributes: sensor.attributes)
    }
}
