// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO

extension ChipIdentification {
    /// 0x18…0x1F: MCP9808 by manufacturer and device id; registers above 0x08 are never touched.
    ///
    /// Microchip DS25095, registers 6 and 7.
    static func memoryModuleThermometer(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        guard try inquiry.word(at: 0x06) == 0x0054, let device = try inquiry.word(at: 0x07) else {
            return nil
        }
        // The low byte is the revision; 0x02 in the high one is the MCP9804.
        return device >> 8 == 0x04 ? .known("mcp9808") : nil
    }

    /// 0x48…0x4F: TMP117 and ADT7410 by their ids, TMP102 by its constant bits, else perhaps an LM75.
    ///
    /// TI SNOSD82D (TMP117), Analog Devices ADT7410 Rev A, TI SBOS397 (TMP102) 7.5.3.
    static func thermometer(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        guard inquiry.device.address <= 0x4B else { return try lm75(&inquiry) }
        let id = try inquiry.word(at: 0x0F).map { $0 & 0x0FFF }
        if id == 0x117 { return .known("tmp117") }
        // TMP116: the same registers, but another chip.
        if id == 0x116 { return nil }
        if let id = try inquiry.byte(at: 0x0B), id & 0xF8 == 0xC8 {
            // Parts that decode two bits of the pointer show register 3 here, which is a limit and could be anything.
            if try inquiry.byte(at: 0x03) != id { return .known("adt7410") }
        }
        if let configuration = try inquiry.word(at: 0x01), configuration & 0x600F == 0x6000 {
            return .ambiguous("tmp102", others: ["tmp112"])
        }
        return try lm75(&inquiry)
    }

    /// The family has no id: what speaks for it is that all registers hold what those of a working part may hold.
    private static func lm75(_ inquiry: inout Inquiry) throws(SensorError) -> ChipIdentity? {
        // Bit 7 always reads 0.
        guard let configuration = try inquiry.byte(at: 0x01), configuration & 0x80 == 0,
            let low = try inquiry.word(at: 0x02), let high = try inquiry.word(at: 0x03),
            let temperature = try inquiry.word(at: 0x00),
            isPlausibleLM75(low: low, high: high, temperature: temperature)
        else { return nil }
        return .ambiguous(
            "lm75",
            others: [
                "lm75a", "lm75b", "pct2075", "stlm75", "tcn75", "tmp75", "tmp105", "tmp175", "tmp275",
            ])
    }

    /// Whether all three are temperatures that the parts have, and the lower limit is below the upper one.
    ///
    /// NXP LM75B Rev 6.1, TI SBOS288M (TMP75): register tables.
    static func isPlausibleLM75(low: UInt16, high: UInt16, temperature: UInt16) -> Bool {
        let range: ClosedRange<Int16> = -55 * 256...Int16.max
        let words = [low, high, temperature].map { Int16(bitPattern: $0) }
        return words.allSatisfy(range.contains) && words[0] < words[1]
    }
}
