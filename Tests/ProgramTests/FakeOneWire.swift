// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A sysfs with thermometers on a 1-Wire bus, as the kernel shows them, in a folder of the test.
struct FakeOneWire {
    static let warm = "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n"

    let root: String

    init(in folder: TemporaryFolder) { root = folder.url.path + "/sys" }

    func directory(_ id: String) -> URL { URL(fileURLWithPath: "\(root)/bus/w1/devices/\(id)") }

    /// Adds a thermometer at 25.062 °C.
    func add(_ id: String, features: String? = nil) throws {
        try write(Self.warm, to: "w1_slave", of: id)
        if let features { try write(features, to: "features", of: id) }
    }

    /// Adds a thermometer whose kernel driver never comes back: whoever opens a pipe without a writer waits for ever.
    func addHanging(_ id: String) throws {
        try FileManager.default.createDirectory(at: directory(id), withIntermediateDirectories: true)
        mkfifo(directory(id).appendingPathComponent("w1_slave").path, 0o600)
    }

    /// Has the hanging driver come back, without a result, and answer from now on.
    func release(_ id: String) throws {
        let pipe = directory(id).appendingPathComponent("released").path
        rename(directory(id).appendingPathComponent("w1_slave").path, pipe)
        try write(Self.warm, to: "w1_slave", of: id)
        close(open(pipe, O_WRONLY))
    }

    func content(of name: String, of id: String) throws -> String {
        try String(contentsOf: directory(id).appendingPathComponent(name), encoding: .utf8)
    }

    private func write(_ text: String, to name: String, of id: String) throws {
        try FileManager.default.createDirectory(at: directory(id), withIntermediateDirectories: true)
        // In one step, as a file of sysfs is never seen half written.
        try Data(text.utf8).write(to: directory(id).appendingPathComponent(name), options: .atomic)
    }

    /// The part of a configuration that names these thermometers, `one`, `two` and so on.
    func configuration(_ ids: String...) -> String {
        let names = ["one", "two", "three"]
        let sections = zip(names, ids).map { "[sensors.\($0)]\ndriver = \"ds18b20\"\nid = \"\($1)\"\n" }
        return "[host]\nsysfs-root = \"\(root)\"\n" + sections.joined()
    }
}
