// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Glibc
import Quantities

@testable import StateStore

/// A directory of its own for one test; removed with everything in it.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() {
        var template = Array("/tmp/state-store-tests-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap(mkdtemp).map { String(cString: $0) } ?? ""
        }
    }

    deinit { removeTree(path) }

    func file(_ name: String) -> String { path + "/" + name }

    var names: [String] { listing(path) }
}

func listing(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

func removeTree(_ path: String) {
    for name in listing(path) {
        let entry = path + "/" + name
        if unlink(entry) != 0 { removeTree(entry) }
    }
    rmdir(path)
}

func mode(_ path: String) -> UInt32 {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    return UInt32(status.st_mode & 0o7777)
}

func contents(_ path: String) -> [UInt8] {
    guard let stream = fopen(path, "r") else { return [] }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
}

func write(_ bytes: [UInt8], to path: String, at offset: Int = 0) {
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    defer { close(descriptor) }
    pwrite(descriptor, bytes, bytes.count, off_t(offset))
}

let testHub = HubKey(hub: "Example.azure-devices.net", deviceID: "Device-1")

/// One serial queue as an executor.
final class QueueExecutor: SerialExecutor {
    let queue = DispatchQueue(label: "store")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// 2026-11-23T18:49:37Z, in names of files that are set aside.
let testTime = WallTime(millisecondsSince1970: 1_795_459_777_000)

func openStore(
    _ location: StoreLocation, schema: Schema = .current, vfs: String? = nil
) async -> StateStore {
    await StateStore.open(
        location, executor: QueueExecutor(), at: testTime, schema: schema, vfs: vfs)
}
