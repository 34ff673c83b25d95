// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import ProgramOutput
import Testing

@testable import EmulatedMachine

@Suite struct CPIOArchiveTests {
    @Test(
        "One file is a header of 13 hexadecimal fields, name and content on multiples of four, then the end mark"
    )
    func layout() {
        var archive = CPIOArchive()
        archive.addFile("abcd", Array("hello".utf8), isExecutable: true)
        let bytes = archive.finished()
        let header =
            "070701" + "00000001" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000"
            + "00000005"
            + "00000000" + "00000000" + "00000000" + "00000000" + "00000005" + "00000000"
        #expect(header.utf8.count == 110)
        #expect(Array(bytes.prefix(110)) == Array(header.utf8))
        #expect(Array(bytes[110..<116]) == Array("abcd\0\0".utf8))
        #expect(Array(bytes[116..<124]) == Array("hello\0\0\0".utf8))
        #expect(bytes.count % 4 == 0)
        #expect(String(decoding: bytes.suffix(14), as: UTF8.self).hasPrefix("TRAILER!!!"))
    }

    @Test("cpio reads the archive", .enabled(if: HostProgram.find("cpio") != nil, "cpio is not installed"))
    func readable() async throws {
        var archive = CPIOArchive()
        archive.addFolder("bin")
        archive.addFile("bin/tool", [1, 2, 3], isExecutable: true)
        archive.addLink("bin/link", to: "tool")
        archive.addCharacterDevice("console", major: 5, minor: 1)
        archive.addFile("empty", [])
        let list = try await HostProgram.filter(
            Data(archive.finished()),
            through: ["cpio", "--list", "--verbose", "--numeric-uid-gid", "--quiet"])
        let lines = String(decoding: list, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(
            lines.map { String($0.prefix(10)) } == [
                "drwxr-xr-x", "-rwxr-xr-x", "lrwxrwxrwx", "crw-------", "-rw-r--r--",
            ])
        #expect(lines[1].contains(" 3 ") && lines[1].hasSuffix("bin/tool"))
        #expect(lines[2].hasSuffix("bin/link -> tool"))
        #expect(lines[3].contains("5,   1"))
    }
}
