// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LinuxHost

@Suite("A file that outlives a loss of power") struct DurableFileTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("durable-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @Test("What was written is read, replaced as a whole, and nothing else is left behind") func roundTrip()
        throws
    {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = DurableFile(folder.appendingPathComponent("a").path)
        #expect(try file.read() == nil)
        let long = [UInt8](repeating: 7, count: 100_000)
        for bytes in [long, [1, 2, 3], []] {
            try file.write(bytes)
            #expect(try file.read() == bytes)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
        try file.setAside(as: ".old")
        #expect(try file.read() == nil)
    }

    @Test("A failed write leaves the old content and says why") func failure() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = DurableFile(folder.appendingPathComponent("a").path)
        try file.write([1])
        // A folder in the place of the new file: it cannot be opened, by root neither.
        try FileManager.default.createDirectory(atPath: file.path + ".new", withIntermediateDirectories: true)
        #expect(throws: HostError.self) { try file.write([2]) }
        #expect(try file.read() == [1])
    }

    @Test("What is too long for a record, or no file, is an error") func tooLong() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("a").path
        try Data(repeating: 0, count: DurableFile.longest + 1).write(to: URL(fileURLWithPath: path))
        #expect(throws: HostError.self) { try DurableFile(path).read() }
        #expect(throws: HostError.self) { try DurableFile(folder.path).read() }
    }
}
