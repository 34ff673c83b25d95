// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Logging
package import PlugAndPlay
package import Quantities
package import StateStore
import ThermostatControl

/// The start of control on a disk that may hang: what an earlier run has left is awaited, but not for long.
///
/// The relays are off by then: see ``ControlLoop/switchOff()``.
package struct ControlStart: Sendable {
    /// How long the relays wait for the disk at the start, all in all.
    package static let patience = Duration.seconds(2)

    private let control: ControlLoop
    private let time: any TimeSource
    private let log: Logger

    /// Makes the start of a loop that does not tick yet.
    package init(_ control: ControlLoop, time: any TimeSource, log: Logger) {
        self.control = control
        self.time = time
        self.log = log
    }

    /// Has control begin with what `past` brings, or without it where that takes longer than until `deadline`.
    ///
    /// What comes later is taken up as far as that is safe, and said. Returns whether it came in time.
    package func begin(
        with past: Task<[ThermostatID: ThermostatMemory], Never>, by deadline: ContinuousClock.Instant
    ) async -> Bool {
        if let memories = await value(of: past, by: deadline, time) {
            await control.begin(with: memories)
            return true
        }
        await control.beginWithoutPast()
        log.warning(
            """
            The disk with the state directory has not answered for \(Self.patience.inWords): control begins without what an \
            earlier run has left, and holds the relays off for the longest time that could be left of it. Check the disk.
            """)
        Task.detached { [control, log] in
            await control.learn(await past.value)
            log.notice(
                "The disk answers: what an earlier run has left is taken up where nothing else was set since."
            )
        }
        return false
    }
}
