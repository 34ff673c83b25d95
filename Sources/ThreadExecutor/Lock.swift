// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

/// A value behind a POSIX mutex.
///
/// In place of `Mutex`, whose contended path lies in the Swift runtime where ThreadSanitizer sees no ordering: it
/// reports races that are none, and would hide real ones among them.
package struct Lock<Value: Sendable>: ~Copyable, @unchecked Sendable {
    // Safety: the value is reached only through `withLock`, which holds the mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    /// Puts `value` behind a mutex of its own.
    package init(_ value: Value) {
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        self.value.initialize(to: value)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` on the value while no other thread does; `body` must not come back to the same lock.
    package borrowing func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }
}
