// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Synchronization

/// A random generator whose seed says everything, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A source that several tasks may use.
    static func source(seed: UInt64) -> @Sendable () -> UInt64 {
        let generator = Shared(SplitMix(seed: seed))
        return { generator.value.withLock { $0.next() } }
    }

    private final class Shared: Sendable {
        let value: Mutex<SplitMix>
        init(_ generator: SplitMix) { value = Mutex(generator) }
    }
}
