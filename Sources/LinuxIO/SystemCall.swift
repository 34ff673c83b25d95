// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import HardwareIO

/// Makes a system call, again where a signal interrupted it; every call of this target goes through here.
///
/// `body` returns −1 and sets `errno` where it fails. `advice` turns the number into a sentence for people.
func systemCall(
    _ operation: String, at location: @autoclosure () -> String, advice: (CInt) -> String = { _ in "" },
    _ body: () -> Int
) throws(BusError) -> Int {
    while true {
        let result = body()
        if result != -1 { return result }
        let number = errno
        guard number != EINTR else { continue }
        throw BusError(
            BusError.Kind(linuxErrno: number), operation: operation, location: location(), errno: number,
            advice: advice(number))
    }
}

/// An open file that closes itself.
struct FileDescriptor: ~Copyable {
    /// The kernel's number.
    let number: CInt

    /// Opens an existing file; it is not inherited by programs that this one starts.
    ///
    /// C function: `open`.
    init(_ path: String, _ flags: CInt, advice: (CInt) -> String = { _ in "" }) throws(BusError) {
        do throws(BusError) {
            number = CInt(
                try systemCall("open", at: path, advice: advice) { Int(open(path, flags | O_CLOEXEC)) })
        } catch {
            var error = error
            // For a device file this number says that no driver stands behind it, not that a chip kept silent.
            if error.errno == ENXIO { error.kind = .notFound }
            throw error
        }
    }

    /// Opens an existing file in a directory that is open; `path` is for error texts.
    ///
    /// C function: `openat`.
    init(
        _ name: String, in directory: borrowing FileDescriptor, _ flags: CInt, path: String,
        advice: (CInt) -> String = { _ in "" }
    ) throws(BusError) {
        let base = directory.number
        number = CInt(
            try systemCall("open", at: path, advice: advice) { Int(openat(base, name, flags | O_CLOEXEC)) })
    }

    deinit {
        // The number is free again whatever close says; a second try could hit another thread's file.
        close(number)
    }
}
