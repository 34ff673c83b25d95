// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import ChipModels
@testable import Simulation

@Suite("OneWireROM")
struct OneWireROMTests {
    @Test("the checksum of Maxim's example is theirs (application note 27)")
    func checksum() {
        let rom = OneWireROM(family: 0x02, serial: 0x0000_0001_B81C)
        #expect(rom.bytes == [0x02, 0x1C, 0xB8, 0x01, 0x00, 0x00, 0x00, 0xA2])
    }

    @Test("the id has the serial number highest digit first, as the kernel writes it")
    func id() {
        #expect(OneWireROM(family: 0x28, serial: 0x0316_A279_FCFF).id == "28-0316a279fcff")
        #expect(OneWireROM(family: 0x10, serial: 0xFFFF_0000_0000_0001).id == "10-000000000001")
    }
}
