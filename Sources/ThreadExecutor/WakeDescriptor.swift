// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CEventFD
import Glibc

/// An eventfd that interrupts `poll` from another thread.
///
/// C functions: `eventfd`, `read`, `write`.
struct WakeDescriptor: ~Copyable, Sendable {
    let descriptor: CInt

    init() {
        descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        // Without a descriptor no job could ever be announced; Swift's own runtime stops likewise when it has no threads.
        precondition(descriptor >= 0, "cannot make an eventfd (errno \(errno)); raise the open-files limit")
    }

    deinit { close(descriptor) }

    /// Makes a `poll` that waits for the descriptor return; further calls before `reset` add nothing.
    borrowing func signal() {
        var one: UInt64 = 1
        // EAGAIN means that the counter is full, so the poll wakes anyway; EINTR cannot happen with EFD_NONBLOCK.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes the signal back, after `poll` has reported it.
    borrowing func reset() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
