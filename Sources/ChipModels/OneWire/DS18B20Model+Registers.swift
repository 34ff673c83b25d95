// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What is in the scratchpad of the thermometers.
extension DS18B20Model {
    /// The bits of a result: 9…12, the DS18S20 counts as 12.
    var resolution: Int {
        family == .ds18s20 ? 12 : 9 + Int(scratchpad[4] >> 5 & 0b11)
    }

    /// After power-up: 85 °C, with 0x0C in byte 6 until the first conversion ends.
    static func powerOnScratchpad(_ family: Family, _ eeprom: [UInt8]) -> [UInt8] {
        family == .ds18s20
            ? [0xAA, 0x00] + eeprom + [0xFF, 0xFF, 0x0C, 0x10]
            : [0x50, 0x05] + eeprom + [0xFF, 0x0C, 0x10]
    }

    /// Takes T_H, T_L and the configuration, of which only R1 and R0 are storage.
    mutating func store(_ bytes: [UInt8]) {
        scratchpad.replaceSubrange(2..<(2 + eeprom.count), with: bytes)
        if family != .ds18s20 { scratchpad[4] = scratchpad[4] & 0x60 | 0x1F }
    }

    /// Puts the temperature of the die into the register and compares it with T_H and T_L.
    mutating func convert() {
        let sixteenths = Int((max(-55, min(125, celsius)) * 16).rounded(.toNearestOrEven))
        let word: UInt16
        if family == .ds18s20 {
            // The whole degree below and the counters: T = whole - 0.25 + (16 - remaining) / 16.
            let whole = (sixteenths + 4) >> 4
            let above = sixteenths + 4 - (whole << 4)
            scratchpad[6] = UInt8(truncatingIfNeeded: 16 - above)
            word = UInt16(truncatingIfNeeded: whole << 1 | (above >= 8 ? 1 : 0))
        } else {
            let unused = 12 - resolution
            word = UInt16(truncatingIfNeeded: (sixteenths >> unused) << unused)
            // Not in the data sheet: genuine parts leave 16 minus the sixteenths there.
            scratchpad[6] = 16 - UInt8(word & 0xF)
        }
        scratchpad[0] = UInt8(word & 0xFF)
        scratchpad[1] = UInt8(word >> 8)
        let degrees = sixteenths >> 4
        isAlarming =
            degrees >= Int(Int8(bitPattern: scratchpad[2])) || degrees <= Int(Int8(bitPattern: scratchpad[3]))
    }
}
