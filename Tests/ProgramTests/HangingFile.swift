// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Glibc
import Testing

/// A file that no other process can open for now: each open hangs in the kernel, as on a disk that does not answer.
///
/// A write lease of this process; the kernel waits for the holder to give it up, for 45 s unless configured otherwise
/// (`/proc/sys/fs/lease-break-time`).
final class HangingFile: Sendable {
    /// `F_SETLEASE` of fcntl(2), which the C library shows to GNU sources only.
    private static let setLease: Int32 = 1_024

    private let descriptor: Int32

    /// Takes a lease on a file that nobody has open.
    init(_ file: URL) throws {
        // The kernel's word that somebody waits, which would end this process.
        signal(SIGIO, SIG_IGN)
        descriptor = open(file.path, O_RDWR | O_CLOEXEC)
        try #require(descriptor >= 0 && fcntl(descriptor, Self.setLease, F_WRLCK) == 0, "errno \(errno)")
    }

    deinit { close(descriptor) }

    /// Lets everybody open it.
    func answer() { _ = fcntl(descriptor, Self.setLease, F_UNLCK) }
}
