// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A machine's `/sys` and `/dev` as ordinary files in a temporary folder, removed at the end.
final class FakeMachine {
    let root: URL

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "linux-io-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    var sysfs: String { root.appending(path: "sys").path }
    var devices: String { root.appending(path: "dev").path }

    /// Writes a file below the root, with its folders.
    func write(_ text: String, to path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Makes a folder below the root.
    func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            at: root.appending(path: path), withIntermediateDirectories: true)
    }

    /// Makes a symbolic link below the root.
    func link(_ path: String, to target: String) throws {
        let link = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: link.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: target)
    }

    /// Adds an adapter with the name that its driver gives it; no device file.
    func addAdapter(_ number: Int, _ name: String) throws {
        try write("\(name)\n", to: "sys/bus/i2c/devices/i2c-\(number)/name")
    }

    /// Removes a file or folder below the root.
    func remove(_ path: String) throws {
        try FileManager.default.removeItem(at: root.appending(path: path))
    }

    /// The text of a file below the root.
    func text(of path: String) throws -> String {
        try String(decoding: Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }
}
