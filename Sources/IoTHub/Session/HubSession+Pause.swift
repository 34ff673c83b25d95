// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities

extension HubSession {
    /// Disconnects in order and connects again only after `until`, or ``resume(at:)``.
    mutating func pause(until: Instant, at now: Now) {
        isRenewing = false
        switch phase {
        case .idle, .stopping, .stopped, .closing(.stop, _): return
        case .connecting, .subscribing, .registering:
            act(.cancelLinkOperation)
            close(then: .wait(until: until), at: now)
        case .syncing, .online, .draining: close(then: .wait(until: until), at: now)
        case .closing(_, let limit): phase = .closing(.wait(until: until), until: limit)
        case .waiting: phase = .waiting(until: until)
        }
        failReports()
        enter(.offline, "Disconnected, because the machine is about to reboot.")
    }

    /// Connects again after ``pause(until:at:)``.
    mutating func resume(at now: Now) {
        switch phase {
        case .waiting: beginAttempt(at: now)
        case .closing(.wait, let limit): phase = .closing(.connect, until: limit)
        default: break
        }
    }
}
