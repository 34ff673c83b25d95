// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// What the bytes and numbers of `w1_therm` mean; pure.
extension DS18B20 {
    /// The temperature in the whole content of `w1_slave`.
    ///
    /// Linux: drivers/w1/slaves/w1_therm.c.
    ///
    /// Accepts only a text whose two lines agree with each other, with the checksum and with the printed temperature.
    /// Throws `.powerOnValue` for 85 °C from a part that never converted, `.sensorFault` for an open or shorted
    /// thermocouple, `.outOfRange` for what the part cannot measure.
    static func measurement(fromSlaveText text: [UInt8], family: String) throws(SensorError) -> Measurement {
        let slave = try W1SlaveText(text)
        let bytes = slave.scratchpad
        guard let millidegrees = millidegrees(of: bytes, family: family) else {
            throw SensorError(.busError, "byte 7 is zero, which no DS18S20 sends")
        }
        guard millidegrees == slave.millidegrees else {
            throw SensorError(.malformed, "t=\(slave.millidegrees) contradicts the bytes")
        }
        let isThermocouple = family == "3b" && bytes[4] & 0x80 != 0
        guard !isThermocouple || bytes[0] & 1 == 0 else {
            throw SensorError(.sensorFault, "the thermocouple is open or shorted")
        }
        try checkRange(millidegrees, isThermocouple ? -270_000...1_800_000 : -55_000...125_000)
        let celsius = Double(millidegrees) / 1000
        guard millidegrees == powerOnMillidegrees, !isThermocouple else {
            return Measurement(.temperature, celsius)
        }
        // On a DS18S20 byte 6 counts, so 0x0C may be genuine: only a second conversion can tell.
        if family == "10" { return possiblePowerOn }
        // A completed conversion leaves 0x10 in byte 6 at exactly 85 °C.
        guard bytes[6] != 0x0C else {
            throw SensorError(.powerOnValue, "85 °C from a part that has not converted: check its supply")
        }
        return Measurement(.temperature, celsius)
    }

    /// The temperature in the whole content of `temperature`, which shows no bytes and therefore proves less.
    package static func measurement(
        fromTemperatureText text: [UInt8], family: String
    ) throws(SensorError) -> Measurement {
        guard !text.isEmpty else {
            throw SensorError(
                .empty, "the kernel gave no data: the conversion failed, or one is still running")
        }
        var scanner = ByteScanner(text)
        guard let millidegrees = scanner.integer(), scanner.skip("\n"), scanner.isAtEnd else {
            throw SensorError(.malformed, "the text is not a whole number of thousandths of a °C")
        }
        // A thermocouple converter gives quarters of a degree; its sibling in the family does not leave −55…125 °C.
        let mayBeThermocouple = family == "3b" && millidegrees % 250 == 0
        try checkRange(millidegrees, mayBeThermocouple ? -270_000...1_800_000 : -55_000...125_000)
        guard millidegrees != powerOnMillidegrees else { return possiblePowerOn }
        return Measurement(.temperature, Double(millidegrees) / 1000)
    }

    /// The temperature of a scratchpad as the kernel prints it, or `nil` where it would divide by zero.
    private static func millidegrees(of bytes: [UInt8], family: String) -> Int? {
        let word = UInt16(bytes[1]) << 8 | UInt16(bytes[0])
        let isFlagged = bytes[4] & 0x80 != 0
        switch family {
        case "10":
            let perDegree = Int(bytes[7])
            guard perDegree != 0 else { return nil }
            let whole = Int(Int16(bitPattern: word) >> 1) * 1000
            return whole - 250 + 1000 * (perDegree - Int(bytes[6])) / perDegree
        case "28" where isFlagged:
            // GX20MH01: two more bits of the fraction are in the configuration byte.
            return Int(Int16(bitPattern: word << 2 | UInt16(bytes[4] & 0b11))) * 1000 / 64
        case "3b" where isFlagged:
            return Int(Int16(bitPattern: word & 0xFFFC)) * 1000 / 16
        default:
            return Int(Int16(bitPattern: word)) * 1000 / 16
        }
    }

    private static let powerOnMillidegrees = 85_000

    private static var possiblePowerOn: Measurement {
        Measurement(.temperature, 85, quality: .suspect(.possiblePowerOnValue))
    }

    private static func checkRange(_ millidegrees: Int, _ range: ClosedRange<Int>) throws(SensorError) {
        guard range.contains(millidegrees) else {
            throw SensorError(
                .outOfRange, "\(Double(millidegrees) / 1000) °C is outside what the part can measure")
        }
    }
}
