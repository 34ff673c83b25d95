// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import Testing

@Suite struct USBEnumerationTests {
    private static let identity = USBIdentity(
        vendor: 0x0403, product: 0xC631, release: 0x0205, manufacturer: "maker", name: "product", serial: "Ä1"
    )

    private func get(_ type: UInt16, _ index: UInt16 = 0) -> USBControlAnswer {
        var enumeration = USBEnumeration(Self.identity)
        return enumeration.answer(
            USBSetup(requestType: 0x80, request: 6, value: type << 8 | index, length: 255))
    }

    @Test("The device descriptor names vendor, product and release, lowest byte first")
    func device() {
        #expect(
            get(1)
                == .data([18, 1, 0x10, 1, 0xFF, 0, 0, 8, 0x03, 0x04, 0x31, 0xC6, 0x05, 0x02, 1, 2, 3, 1]))
    }

    @Test("The configuration's total length is its real length")
    func configuration() {
        guard case .data(let bytes) = get(2) else {
            Issue.record("no configuration descriptor")
            return
        }
        #expect(bytes.count == Int(bytes[2]) + Int(bytes[3]) << 8)
        #expect(bytes[4] == 1)  // interfaces
        #expect(bytes[9 + 4] == 0)  // endpoints besides 0
    }

    @Test("Strings are UTF-16 with their length in front")
    func strings() {
        #expect(get(3, 0) == .data([4, 3, 0x09, 0x04]))
        #expect(get(3, 3) == .data([6, 3, 0xC4, 0, 0x31, 0]))
        #expect(get(3, 4) == .stall)
    }

    @Test("The configuration that was set is the one that is told, and only 0 and 1 can be set")
    func configures() {
        var enumeration = USBEnumeration(Self.identity)
        let ask = USBSetup(requestType: 0x80, request: 8, length: 1)
        #expect(enumeration.answer(ask) == .data([0]))
        #expect(enumeration.answer(USBSetup(requestType: 0, request: 9, value: 1)) == .done)
        #expect(enumeration.answer(ask) == .data([1]))
        #expect(enumeration.answer(USBSetup(requestType: 0, request: 9, value: 2)) == .stall)
        #expect(enumeration.answer(ask) == .data([1]))
    }

    @Test("A request that the device does not know is stalled", arguments: [UInt8(7), 12, 255])
    func unknown(request: UInt8) {
        var enumeration = USBEnumeration(Self.identity)
        #expect(enumeration.answer(USBSetup(requestType: 0x80, request: request, length: 8)) == .stall)
        #expect(enumeration.answer(USBSetup(requestType: 0, request: request)) == .stall)
    }
}
