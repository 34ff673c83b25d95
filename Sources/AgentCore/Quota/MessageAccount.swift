// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import PlugAndPlay
package import Quantities
import Synchronization

/// What a device has used of its hub's messages today, and whether telemetry has to slow down.
package final class MessageAccount: Sendable {
    /// The account at one moment, for people and scripts.
    package struct Statement: Sendable, Hashable {
        /// Billable messages of this UTC day.
        package var used: Int
        /// How many the day has; `nil` where nobody has said.
        package var limit: Int?
        /// Whether telemetry is sent more rarely so that the day fits.
        package var isSlowed: Bool
        /// Telemetry that was not sent for that reason since the start.
        package var skipped: Int

        /// Makes a statement.
        package init(used: Int, limit: Int?, isSlowed: Bool, skipped: Int) {
            self.used = used
            self.limit = limit
            self.isSlowed = isSlowed
            self.skipped = skipped
        }
    }

    /// What changed with one message.
    package enum Decision: Sendable, Hashable {
        /// Send it.
        case send
        /// Do not; the memory of this run keeps the sample, the history on the disk does not.
        case skip
        /// Do not, and say that telemetry slows down from here.
        case beginToSkip
    }

    private struct State {
        var counter: BillableCounter
        var throttle: TelemetryThrottle?
        var skipped = 0
        /// Whether it was said that telemetry slows down.
        var isSaid = false
        var savedText: String?
    }

    private let meter: MessageMeter
    private let time: any TimeSource
    private let state: Mutex<State>

    /// Opens an account.
    ///
    /// - Parameters:
    ///   - meter: how the hub counts; without a limit nothing is ever slowed down.
    ///   - round: the pieces of one message of each stream.
    ///   - saved: the text that an earlier run has left by ``unsaved()``.
    package init(meter: MessageMeter, interval: Duration, round: Int, saved: String?, time: any TimeSource) {
        self.meter = meter
        self.time = time
        state = Mutex(
            State(
                counter: saved.map { BillableCounter(text: $0) } ?? BillableCounter(),
                throttle: meter.perDay.map {
                    TelemetryThrottle(limit: $0, interval: interval, round: round)
                }))
    }

    /// Counts something that the hub has taken or sent.
    package func count(_ operation: BillableOperation) {
        let wall = time.now().trustedWall
        state.withLock { $0.counter.add(meter.pieces(operation.bytes), at: wall) }
    }

    /// Whether a stream's message may go out now.
    package func decide(_ stream: String) -> Decision {
        let now = time.now()
        return state.withLock { state in
            guard state.throttle != nil else { return .send }
            state.counter.roll(to: now.trustedWall)
            let isAllowed = state.throttle?.allows(
                stream, used: state.counter.used,
                untilMidnight: BillableCounter.untilMidnight(now.trustedWall), at: now.monotonic)
            // A new day begins anew, and is said anew.
            if state.throttle?.isSlowed == false { state.isSaid = false }
            guard isAllowed == false else { return .send }
            state.skipped += 1
            defer { state.isSaid = true }
            return state.isSaid ? .skip : .beginToSkip
        }
    }

    /// Whether messages that had to wait may go out now, judged by what was used up to now.
    ///
    /// Between two decisions, which come with samples only, there may be thousands of them.
    package var mayReplay: Bool {
        let wall = time.now().trustedWall
        return state.withLock { state in
            guard let throttle = state.throttle else { return true }
            state.counter.roll(to: wall)
            return !throttle.isNearEnd(used: state.counter.used)
        }
    }

    /// The account now.
    package var statement: Statement {
        let wall = time.now().trustedWall
        return state.withLock { state in
            state.counter.roll(to: wall)
            return Statement(
                used: state.counter.used, limit: meter.perDay, isSlowed: state.throttle?.isSlowed ?? false,
                skipped: state.skipped)
        }
    }

    /// The text to remember over a restart, where it has changed since it was asked for last.
    package func unsaved() -> String? {
        state.withLock { state in
            guard let text = state.counter.text, text != state.savedText else { return nil }
            state.savedText = text
            return text
        }
    }
}
