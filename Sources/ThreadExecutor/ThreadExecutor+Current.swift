// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc

extension ThreadExecutor {
    /// Where each thread keeps its executor; `nil` where the process has no room for one more such place.
    private static let place: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }()

    /// The executor whose thread the caller runs on; `nil` on any other thread.
    static var current: ThreadExecutor? {
        guard let place, let pointer = pthread_getspecific(place) else { return nil }
        return Unmanaged<ThreadExecutor>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Makes this the executor of the calling thread, which has to keep it alive until it ends.
    func becomeCurrent() {
        guard let place = Self.place else { return }
        pthread_setspecific(place, Unmanaged.passUnretained(self).toOpaque())
    }
}
