// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import SQLiteRecorder

/// A layer below SQLite: what reaches the disk through it is recorded, and it fails on request.
struct Recorder: Sendable {
    let name: String

    /// One change of a file, or a mark of the test's own.
    enum Operation: Sendable {
        case write(file: String, offset: Int, bytes: [UInt8])
        case truncate(file: String, size: Int)
        case sync(file: String)
        case delete(file: String)
        case mark(Int)

        var file: String {
            switch self {
            case .write(let file, _, _), .truncate(let file, _), .sync(let file), .delete(let file): file
            case .mark: ""
            }
        }
    }

    init() {
        name = "recorder \(Self.counter.next())"
        precondition(recorder_register(name) == 0, "raise MOST_RECORDERS in recorder.c")
    }

    private static let counter = Counter()

    func mark(_ number: Int) { recorder_mark(name, Int64(number)) }

    /// Fails all writes and syncs after the next few with SQLite's result.
    func fail(_ code: Int32, systemError: Int32, after: Int = 0) {
        recorder_fail(name, code, systemError, Int64(after))
    }

    func recover() { recorder_fail(name, 0, 0, 0) }

    /// Holds every sync, as a disk does that hangs.
    func hold(_ isHeld: Bool) { recorder_hold(name, isHeld ? 1 : 0) }

    var operations: [Operation] {
        (0..<recorder_count(name)).map { index in
            let recorded = recorder_get(name, index)
            let file = String(cString: recorded.name)
            switch UInt32(recorded.kind) {
            case RECORDER_WRITE.rawValue:
                let bytes = UnsafeBufferPointer(start: recorded.bytes, count: Int(recorded.count))
                return .write(file: file, offset: Int(recorded.offset), bytes: Array(bytes))
            case RECORDER_TRUNCATE.rawValue: return .truncate(file: file, size: Int(recorded.offset))
            case RECORDER_SYNC.rawValue: return .sync(file: file)
            case RECORDER_DELETE.rawValue: return .delete(file: file)
            default: return .mark(Int(recorded.offset))
            }
        }
    }
}

/// The files of a directory as they are on a disk after some operations.
struct DiskImage {
    private(set) var files: [String: [UInt8]]

    init(_ files: [String: [UInt8]]) { self.files = files }

    mutating func apply(_ operation: Recorder.Operation) {
        switch operation {
        case .write(let file, let offset, let bytes):
            var content = files[file] ?? []
            if content.count < offset + bytes.count {
                content += [UInt8](repeating: 0, count: offset + bytes.count - content.count)
            }
            content.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            files[file] = content
        case .truncate(let file, let size): files[file] = Array((files[file] ?? []).prefix(size))
        case .delete(let file): files[file] = nil
        case .sync, .mark: break
        }
    }

    /// Puts the files into a directory.
    func store(in directory: String) {
        removeTree(directory)
        mkdir(directory, 0o700)
        for (name, content) in files { write(content, to: directory + "/" + name) }
    }
}
