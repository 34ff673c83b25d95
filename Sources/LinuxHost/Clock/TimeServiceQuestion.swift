// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CLinuxHost
import Synchronization

/// Asks systemd-timedated whether the kernel calls its clock synchronised, for a sandbox that forbids to ask the kernel.
///
/// It tells that of every time service, such as chrony. Each question may start that program, so questions become rarer.
package final class TimeServiceQuestion: Sendable {
    /// How long systemd-timesyncd's mark is awaited before the first question.
    static let shortest = Duration.seconds(30)
    /// Between questions in the end.
    static let longest = Duration.seconds(960)

    private struct State {
        var due: ContinuousClock.Instant?
        var wait = shortest
    }

    private let state = Mutex(State())
    private let ask: @Sendable () -> Bool

    /// Makes a question; without `ask` it goes to the system bus, or the one that `DBUS_SYSTEM_BUS_ADDRESS` names.
    package init(ask: @escaping @Sendable () -> Bool = { timedate_is_synchronised() == 1 }) { self.ask = ask }

    /// Whether the clock is synchronised, as far as is known now; may take as long as the bus does.
    func answer(at now: ContinuousClock.Instant) -> Bool {
        let isDue = state.withLock { state in
            let due = state.due
            guard let due, now < due else {
                state.wait = due == nil ? Self.shortest : min(state.wait * 2, Self.longest)
                state.due = now.advanced(by: state.wait)
                return due != nil
            }
            return false
        }
        guard isDue, ask() else { return false }
        state.withLock { $0 = State(due: now) }
        return true
    }
}
