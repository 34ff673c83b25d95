// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import SensorDrivers
import Simulation

/// Reads the vectors of 1-Wire attributes: `w1_slave` through the driver itself, the others through their decoders.
enum W1VectorDecoder {
    /// What becomes of one file of a 1-Wire directory.
    static func outcome(family: String, attribute: String, content: SensorVector.FileContent) -> Outcome {
        let device = InMemorySysfsDevice([attribute: content.result])
        do throws(SensorError) {
            switch attribute {
            case "w1_slave":
                var sensor = try DS18B20(device, id: "\(family)-0123456789ab")
                _ = try sensor.startConversion()
                return Outcome(try sensor.collect().measurements ?? [])
            case "temperature":
                let text = try text(device, attribute)
                return Outcome([try DS18B20.measurement(fromTemperatureText: text, family: family)])
            default:
                var outcome = Outcome(status: "ok")
                outcome.readings = try readings(of: attribute, in: try text(device, attribute))
                return outcome
            }
        } catch {
            return Outcome(error)
        }
    }

    private static func text(_ device: InMemorySysfsDevice, _ name: String) throws(SensorError) -> [UInt8] {
        do throws(BusError) {
            return try device.read(name)
        } catch {
            throw SensorError(ofKernel: error, while: "reading \(name)")
        }
    }

    private static func readings(
        of attribute: String, in text: [UInt8]
    ) throws(SensorError) -> [String: Double] {
        switch attribute {
        case "resolution": return ["resolution_bits": Double(try W1Attribute.resolution(text))]
        case "conv_time":
            return ["conv_time_ms": try W1Attribute.conversionTime(text) / Duration.milliseconds(1)]
        case "ext_power": return ["external_power": try W1Attribute.hasExternalPower(text) ? 1 : 0]
        case "features": return ["features": Double(try W1Attribute.features(text))]
        case "therm_bulk_read": return ["bulk_state": Double(try W1Attribute.bulkState(text))]
        case "alarms":
            let (low, high) = try W1Attribute.alarms(text)
            return ["alarm_low_c": Double(low), "alarm_high_c": Double(high)]
        default: return [:]
        }
    }
}
