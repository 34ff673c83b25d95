// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import SensorDrivers
import Simulation

/// Feeds vectors of any kind to the drivers of the catalog; no chip is named here.
package enum VectorDecoder {
    /// Why a vector was not given to a driver.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        /// The catalog has no driver of that name.
        case unknownChip(String)
        /// The driver of that name does not take this kind of input.
        case wrongKind(chip: String)

        /// The text that people read.
        package var description: String {
            switch self {
            case .unknownChip(let name):
                "There is no driver \"\(name)\". Known: \(DriverCatalog.names.joined(separator: ", "))."
            case .wrongKind(let chip): "The driver of \(chip) does not take this kind of input."
            }
        }
    }

    /// What the driver of `chip` makes of `vector`.
    package static func outcome(of vector: SensorVector, chip: String) throws(Failure) -> Outcome {
        switch vector.input {
        case .oneWire(let family, let attribute, let content):
            return W1VectorDecoder.outcome(family: family, attribute: attribute, content: content)
        case .registers(let blocks, let hints):
            let recording = RecordedI2CBus.Recording.registers(blocks, afterWriting: results(hints))
            return try outcome(of: recording, hints, chip: chip, isTakenAsGiven: false)
        case .frame(let bytes, let hints):
            return try outcome(of: .frame(bytes), hints, chip: chip, isTakenAsGiven: true)
        case .directory(let files):
            return try outcome(of: InMemorySysfsDevice(files.mapValues(\.result)), chip: chip)
        }
    }

    private static func outcome(of device: InMemorySysfsDevice, chip: String) throws(Failure) -> Outcome {
        guard let driver = DriverCatalog.driver(named: chip) else { throw .unknownChip(chip) }
        guard case .sysfs(let type) = driver.attachment else { throw .wrongKind(chip: chip) }
        let channels = type.numberedChannels(of: device)
        do throws(SensorError) {
            guard !channels.isEmpty else {
                return Outcome(try measurements(of: type, device, channel: nil))
            }
            return try outcome(of: channels, type, device)
        } catch {
            return Outcome(error)
        }
    }

    /// All channels of one device; where none has a value, the first one's error is that of the whole.
    private static func outcome(
        of channels: [SensorChannel], _ type: any SysfsSensorDriver.Type, _ device: InMemorySysfsDevice
    ) throws(SensorError) -> Outcome {
        var named: [(name: String, measurement: Measurement)] = []
        var firstError: SensorError?
        for channel in channels {
            do throws(SensorError) {
                let measurements = try measurements(of: type, device, channel: channel.name)
                named += measurements.map { (channel.name, $0) }
            } catch {
                firstError = firstError ?? error
                named.append((channel.name, Measurement(channel.quantity, failed: error.kind)))
            }
        }
        if let firstError, !named.contains(where: { $0.measurement.goodValue != nil }) { throw firstError }
        return Outcome(named)
    }

    private static func measurements(
        of type: any SysfsSensorDriver.Type, _ device: InMemorySysfsDevice, channel: String?
    ) throws(SensorError) -> [Measurement] {
        var sensor = try type.init(device, channel: channel)
        _ = try sensor.startConversion()
        return try sensor.collect().measurements ?? []
    }

    private static func outcome(
        of recording: RecordedI2CBus.Recording, _ hints: SensorVector.PartHints, chip: String,
        isTakenAsGiven: Bool
    ) throws(Failure) -> Outcome {
        guard let driver = DriverCatalog.driver(named: chip) else { throw .unknownChip(chip) }
        guard case .i2c(let type) = driver.attachment, let address = type.addresses.first else {
            throw .wrongKind(chip: chip)
        }
        var part = Part(chip)
        part.resolutionBits = hints.resolutionBits
        part.oversampling = hints.oversampling
        part.temperatureOffset = hints.temperatureOffset
        part.only = Quantity.allCases.first { Outcome.name(of: $0) == hints.quantity }
        part.isTakenAsGiven = isTakenAsGiven
        let bus = RecordedI2CBus(recording)
        do throws(SensorError) {
            var sensor = try type.init(I2CDevice(bus: bus, address: address), part: part)
            _ = try sensor.startConversion()
            // No driver asks for more waits than this.
            for _ in 0..<100 {
                if let measurements = try sensor.collect().measurements { return Outcome(measurements) }
            }
            return Outcome(SensorError(.notReady, "the conversion did not end"))
        } catch {
            // Identification that failed for lack of recorded registers says nothing about the result; one that failed because
            // a recorded register is too short does.
            guard bus.wasAskedForMore, !isTakenAsGiven, error.kind != .shortRead else {
                return Outcome(error)
            }
            return try outcome(of: recording, hints, chip: chip, isTakenAsGiven: true)
        }
    }

    /// What result registers that two conversions share hold after the command of each.
    ///
    /// BMP180 datasheet, section 3.3.
    private static func results(_ hints: SensorVector.PartHints) -> [[UInt8]: [UInt8: [UInt8]]] {
        guard let results = hints.results else { return [:] }
        let pressureCommand = 0x34 | UInt8(truncatingIfNeeded: hints.oversampling ?? 0) << 6
        return [
            [0xF4, 0x2E]: [0xF6: results.temperature], [0xF4, pressureCommand]: [0xF6: results.pressure],
        ]
    }
}

extension SensorVector.FileContent {
    /// The content as a directory in memory holds it.
    var result: Result<[UInt8], BusError> {
        switch self {
        case .bytes(let bytes): .success(bytes)
        case .failure(let number): InMemorySysfsDevice.failure(linuxErrno: number)
        }
    }
}
