// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LinuxHost

@Suite("SerialNumber") struct SerialNumberTests {
    @Test("A board's own number comes first")
    func deviceTree() throws {
        let tree = try FakeTree.raspberryPi4()
        #expect(
            SerialNumber.read(root: tree.root) == SerialNumber(text: "10000000abcdef01", origin: .deviceTree))
    }

    @Test("A placeholder of the product gives way to the board's number")
    func board() throws {
        let tree = try FakeTree.pc()
        #expect(SerialNumber.read(root: tree.root) == SerialNumber(text: "M80-C1234567", origin: .board))
    }

    @Test("Without a number, the machine id is hashed as systemd does, and not disclosed")
    func machineID() throws {
        let tree = try FakeTree.virtualMachine()
        // Computed with Python's hmac and hashlib.
        #expect(
            SerialNumber.read(root: tree.root)
                == SerialNumber(text: "463bfa84c7364fb782503039aee84a23", origin: .machineID))
    }

    @Test("A Raspberry Pi's number of zeros only is none")
    func zeros() throws {
        let tree = try FakeTree.raspberryPi4()
        try tree.add("/proc/device-tree/serial-number", Array("0000000000000000\0".utf8))
        #expect(SerialNumber.read(root: tree.root)?.origin == .machineID)
    }

    @Test(
        "What is no machine id is not used",
        arguments: [
            "", "uninitialized\n", "00000000000000000000000000000000\n", "0123456789abcdef",
            "zz23456789abcdef0123456789abcdef",
        ])
    func badMachineID(text: String) throws {
        let tree = try FakeTree(text: ["/etc/machine-id": text])
        #expect(SerialNumber.read(root: tree.root) == nil)
    }

    @Test(
        "Numbers with odd bytes or of odd lengths are not believed",
        arguments: ["Zürich-1234", "abc", String(repeating: "a1", count: 33)])
    func unbelievable(text: String) throws {
        let tree = try FakeTree(text: ["/sys/class/dmi/id/product_serial": text])
        #expect(SerialNumber.read(root: tree.root) == nil)
    }
}

@Suite("SHA256") struct SHA256Tests {
    @Test(
        "Digests around the block borders are those of Python's hashlib",
        arguments: [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"),
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            (65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"),
            (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
            (120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"),
            (1_000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"),
        ])
    func digest(count: Int, expected: String) {
        #expect(hex(SHA256.hash([UInt8](repeating: 0x61, count: count))) == expected)
    }

    @Test("Keyed digests are those of RFC 4231, also with a key longer than a block")
    func keyed() {
        #expect(
            hex(SHA256.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let text = "Test Using Larger Than Block-Size Key - Hash Key First"
        #expect(
            hex(SHA256.authenticate(Array(text.utf8), key: [UInt8](repeating: 0xAA, count: 131)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
