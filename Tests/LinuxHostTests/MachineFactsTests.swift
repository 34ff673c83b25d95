// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Testing

@testable import LinuxHost

@Suite("MachineFacts") struct MachineFactsTests {
    @Test("A Raspberry Pi 4 is read from its device tree")
    func pi4() throws {
        let tree = try FakeTree.raspberryPi4()
        let facts = MachineFacts.read(softwareVersion: "1.2.3", root: tree.root)
        #expect(facts.manufacturer == "Raspberry Pi")
        #expect(facts.model == "Raspberry Pi 4 Model B Rev 1.4")
        #expect(facts.swVersion == "1.2.3")
        #expect(facts.osName == "Debian GNU/Linux 12 (bookworm)")
        #expect(facts.processorManufacturer == "ARM")
        #expect(facts.totalMemory == 3_884_360)
    }

    @Test("A Raspberry Pi 5 without a pretty name has its name and version")
    func pi5() throws {
        let tree = try FakeTree.raspberryPi5()
        let facts = MachineFacts.read(softwareVersion: "1", root: tree.root)
        #expect(facts.model == "Raspberry Pi 5 Model B Rev 1.0")
        #expect(facts.osName == "Raspbian GNU/Linux 12 (bookworm)")
        #expect(facts.totalMemory == 8_245_824)
    }

    @Test("A PC whose maker left placeholders is named by its board")
    func pc() throws {
        let tree = try FakeTree.pc()
        let facts = MachineFacts.read(softwareVersion: "1", root: tree.root)
        #expect(facts.manufacturer == "ASRock")
        #expect(facts.model == "B450M Pro4")
        #expect(facts.osName == "Fedora 41")
        #expect(facts.processorManufacturer == "AMD")
    }

    @Test("A virtual machine says what its emulator says")
    func virtualMachine() throws {
        let tree = try FakeTree.virtualMachine()
        let facts = MachineFacts.read(softwareVersion: "1", root: tree.root)
        #expect(facts.manufacturer == "QEMU")
        #expect(facts.model == "Standard PC (Q35 + ICH9, 2009)")
        #expect(facts.processorManufacturer == "Intel")
        #expect(facts.totalMemory == nil)
    }

    @Test("An empty tree gives unknown, and what the running kernel knows")
    func empty() throws {
        let tree = try FakeTree()
        let facts = MachineFacts.read(softwareVersion: "1", root: tree.root)
        #expect(facts.manufacturer == MachineFacts.unknown)
        #expect(facts.model == MachineFacts.unknown)
        #expect(facts.processorManufacturer == MachineFacts.unknown)
        #expect(facts.totalMemory == nil)
        #expect(facts.osName.hasPrefix("Linux "))
    }

    @Test("The running machine has a size, memory and an architecture")
    func here() {
        let facts = MachineFacts.read(softwareVersion: "1")
        #if arch(x86_64)
            #expect(facts.processorArchitecture == "x86_64")
        #elseif arch(arm64)
            #expect(facts.processorArchitecture == "aarch64")
        #endif
        #expect((facts.totalMemory ?? 0) > 16_384)
        #expect((facts.totalMemory ?? 0) < Double(sysconf(Int32(_SC_PHYS_PAGES))) * 65_536)
        #expect((facts.totalStorage ?? 0) > 16_384)
    }

    @Test(
        "Only a well-formed MemTotal counts",
        arguments: [
            ("MemTotal:        1024 kB\n", 1_024.0), ("MemFree: 5 kB\nMemTotal: 7 kB", 7),
            ("MemTotal: 7 MB\n", nil),
            ("MemTotal: -7 kB\n", nil), ("MemTotal:", nil), ("", nil),
        ] as [(String, Double?)])
    func memory(text: String, expected: Double?) {
        #expect(MachineFacts.memoryKibibytes(text) == expected)
    }

    @Test(
        "The core's maker is known by its code",
        arguments: [
            ("CPU implementer\t: 0x41\n", "ARM"), ("CPU implementer\t: 0x51\n", "Qualcomm"),
            ("CPU implementer\t: 0xee\n", nil), ("vendor_id\t: GenuineIntel\n", "Intel"),
            ("vendor_id\t: NewMaker\n", "NewMaker"), ("mvendorid\t: 0x5b7\n", "T-Head"),
            ("CPU implementer", nil), ("CPU implementer : \n", nil), ("", nil),
        ] as [(String, String?)])
    func processor(text: String, expected: String?) {
        #expect(Processor.manufacturer(text) == expected)
    }

    @Test(
        "os-release is read with its quotes and escapes",
        arguments: [
            (#"PRETTY_NAME="A \"B\" \$C""#, #"A "B" $C"#), ("PRETTY_NAME='x y'", "x y"),
            ("PRETTY_NAME=plain", "plain"),
            ("PRETTY_NAME=\"open", "open"), ("#PRETTY_NAME=no\nNAME=yes", "yes"),
        ])
    func osRelease(text: String, expected: String) throws {
        let tree = try FakeTree(text: ["/etc/os-release": text])
        #expect(OperatingSystem.name(SystemTree(tree.root)) == expected)
    }

    @Test("An unknown prefix of a device tree stands as it is, and none is no maker")
    func vendors() {
        #expect(Board.vendor("newmaker,board") == "newmaker")
        #expect(Board.vendor("raspberrypi,4-model-b") == "Raspberry Pi")
        #expect(Board.vendor(",x") == nil)
        #expect(Board.vendor("board") == nil)
    }
}

@Suite("SystemTree") struct SystemTreeTests {
    @Test("A value ends at its first NUL, has no control characters and at most 128 characters")
    func cleaning() throws {
        let tree = try FakeTree([
            "/nul": Array("Board\0rest".utf8), "/odd": [0x20, 0x07, 0x41, 0xFF, 0xFE, 0x42, 0x0A],
            "/blank": Array(" \n\t\0".utf8), "/long": [UInt8](repeating: 0x61, count: 1_000_000),
            "/empty": [],
        ])
        let system = SystemTree(tree.root)
        #expect(system.value("/nul") == "Board")
        #expect(system.value("/odd") == "A B")
        #expect(system.value("/blank") == nil)
        #expect(system.value("/empty") == nil)
        #expect(system.value("/missing") == nil)
        #expect(system.value("/long") == String(repeating: "a", count: 128))
        #expect(system.bytes("/long")?.count == SystemTree.limit)
    }

    @Test("What is no file is not read, and nothing waits for it", .timeLimit(.minutes(10)))
    func notAFile() throws {
        let tree = try FakeTree()
        mkfifo(tree.root + "/pipe", 0o600)
        #expect(SystemTree(tree.root).bytes("/pipe") == nil)
        #expect(SystemTree("/").bytes("/dev/zero") == nil)
        #expect(SystemTree("/").bytes("/proc") == nil)
    }

    @Test(
        "Makers' placeholders are no facts",
        arguments: [
            "To Be Filled By O.E.M.", "to be filled by o.e.m. by asrock", "Default string",
            "System manufacturer",
            "Not Specified", "None", "N/A", "0000000000", "xxxxxxxx", "...", "0123456789",
            "System Serial Number",
        ])
    func placeholder(text: String) { #expect(DMI.isPlaceholder(text)) }

    @Test("Real names are facts", arguments: ["QEMU", "LENOVO", "20XW", "B450M Pro4", "10000000abcdef01"])
    func real(text: String) { #expect(!DMI.isPlaceholder(text)) }
}

@Suite("BoardIdentity") struct BoardIdentityTests {
    @Test("A board with a device tree has its compatible list in order")
    func deviceTree() throws {
        let tree = try FakeTree.raspberryPi4()
        #expect(
            BoardIdentity.read(root: tree.root)
                == BoardIdentity(compatible: ["raspberrypi,4-model-b", "brcm,bcm2711"]))
    }

    @Test("Another sysfs gives the device tree and the DMI strings below it")
    func sysfs() throws {
        let tree = try FakeTree(text: [
            "/mock/firmware/devicetree/base/compatible": "radxa,rock-5b\0rockchip,rk3588\0",
            "/mock/class/dmi/id/product_name": "Box\n",
            "/mock/class/dmi/id/sys_vendor": "To Be Filled By O.E.M.\n",
        ])
        #expect(
            BoardIdentity.read(sysfsRoot: tree.root + "/mock")
                == BoardIdentity(compatible: ["radxa,rock-5b", "rockchip,rk3588"], productName: "Box"))
        #expect(BoardIdentity.read(sysfsRoot: tree.root + "/none") == BoardIdentity())
    }

    @Test("A PC has its DMI strings without placeholders, and an empty tree nothing")
    func dmi() throws {
        let tree = try FakeTree.pc()
        #expect(
            BoardIdentity.read(root: tree.root)
                == BoardIdentity(boardVendor: "ASRock", boardName: "B450M Pro4"))
        let empty = try FakeTree()
        #expect(BoardIdentity.read(root: empty.root) == BoardIdentity())
    }
}
