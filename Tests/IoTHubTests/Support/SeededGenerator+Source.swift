// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Simulation
import Synchronization

extension SeededGenerator {
    /// A source that several tasks may use.
    static func source(seed: UInt64) -> @Sendable () -> UInt64 {
        let generator = Shared(SeededGenerator(seed: seed))
        return { generator.value.withLock { $0.next() } }
    }

    private final class Shared: Sendable {
        let value: Mutex<SeededGenerator>
        init(_ generator: SeededGenerator) { value = Mutex(generator) }
    }
}
