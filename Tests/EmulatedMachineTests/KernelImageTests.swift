// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import EmulatedMachine

@Suite struct KernelImageTests {
    /// A boot sector with a payload of this content behind two setup sectors.
    private func image(_ payload: [UInt8], length: Int? = nil) -> Data {
        var bytes = [UInt8](repeating: 0, count: 3 * 512 + 16)
        bytes[0x1F1] = 2
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        bytes.replaceSubrange(0x206..<0x208, with: [0x0F, 0x02])
        bytes[0x248] = 16
        let length = length ?? payload.count
        bytes.replaceSubrange(0x24C..<0x24E, with: [UInt8(length & 0xFF), UInt8(length >> 8)])
        return Data(bytes + payload)
    }

    @Test("The payload is where the header says, without the appended size")
    func payload() {
        let found = KernelImage.payload(of: image([0xFD, 0x37, 0x7A, 0x58, 9, 9, 0, 0, 0, 0]))
        #expect(found.map(Array.init) == [0xFD, 0x37, 0x7A, 0x58, 9, 9])
        #expect(found.flatMap(KernelImage.Compression.init) == .xz)
    }

    @Test("An image that is cut off, or none at all, has no payload")
    func broken() {
        #expect(KernelImage.payload(of: image([1, 2, 3], length: 400)) == nil)
        #expect(KernelImage.payload(of: Data()) == nil)
        #expect(KernelImage.payload(of: Data(repeating: 0, count: 4096)) == nil)
    }

    @Test("Compressions are told by their first bytes")
    func compressions() {
        #expect(KernelImage.Compression(Data([0x28, 0xB5, 0x2F, 0xFD, 0])) == .zstd)
        #expect(KernelImage.Compression(Data([0x1F, 0x8B, 8, 0])) == .gzip)
        #expect(KernelImage.Compression(Data([0x02, 0x21, 0x4C, 0x18])) == .lz4)
        #expect(KernelImage.Compression(Data([0x7F, 0x45, 0x4C, 0x46])) == nil)
    }

    @Test("A module's file name is its name, dashes as underscores")
    func moduleNames() {
        #expect(KernelModules.moduleName("a/b/vhci-hcd.ko") == "vhci_hcd")
        #expect(KernelModules.moduleName("i2c-dev.ko.xz") == "i2c_dev")
        #expect(KernelModules.moduleName("modules.order") == nil)
    }

    @Test(
        "Debian's modules are ordered after what they depend on",
        .enabled(if: kernelIsThere, "run scripts/fetch-kernel.sh"))
    func order() async throws {
        let names = try await KernelPackage.find().modules().closure(of: ["9p", "vhci-hcd", "i2c-tiny-usb"])
            .map(\.name)
        #expect(Set(names).count == names.count)
        for (first, second) in [
            ("netfs", "fscache"), ("fscache", "9p"), ("usbcore", "vhci_hcd"), ("usbip_core", "vhci_hcd"),
        ] {
            let (first, second) = (names.firstIndex(of: first), names.firstIndex(of: second))
            #expect(try #require(first) < #require(second))
        }
    }

    @Test("A module that is not there is named", .enabled(if: kernelIsThere, "run scripts/fetch-kernel.sh"))
    func missingModule() async throws {
        let modules = try KernelPackage.find().modules()
        await #expect {
            _ = try await modules.closure(of: ["no-such-module"])
        } throws: {
            "\($0)".contains("no_such_module")
        }
    }

    @Test("A file that is no ELF file is no module")
    func noModule() {
        #expect(KernelModules.dependencies(of: Data("not a module".utf8)) == nil)
        #expect(ELFFile(Data([0x7F, 0x45, 0x4C, 0x46])) == nil)
        // A header alone, whose tables point far outside.
        let header: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 2, 1] + Array(repeating: 0xFF, count: 58)
        #expect(ELFFile(Data(header))?.section(".modinfo") == nil)
        #expect(ELFFile(Data(header))?.needsLoader == false)
    }
}

private var kernelIsThere: Bool { (try? KernelPackage.find()) != nil }
