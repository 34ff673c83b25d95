// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Reported patches in order of calls; one is under way at a time.
struct ReportQueue: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// One patch and who waits for it.
    struct Entry: Equatable, Sendable {
        var id: UInt64
        var payload: [UInt8]
    }

    /// What happens with the first entry.
    enum State: Equatable, Sendable {
        case idle
        case requested(requestID: String, until: Instant)
        case backingOff(until: Instant)
    }

    var entries: [Entry] = []
    var state = State.idle
    /// Attempts of the first entry that failed.
    var failures = 0

    var isEmpty: Bool { entries.isEmpty }

    var isRequestOutstanding: Bool {
        if case .requested = state { true } else { false }
    }

    /// When something is due.
    var deadline: Instant? {
        switch state {
        case .idle: nil
        case .requested(_, let until), .backingOff(let until): until
        }
    }

    func expects(_ requestID: String) -> Bool {
        if case .requested(requestID, _) = state { true } else { false }
    }

    /// Keeps the entries for the next connection.
    mutating func suspend() { state = .idle }

    /// Takes the first entry out and turns to the next.
    mutating func removeFirst() -> Entry? {
        state = .idle
        failures = 0
        return entries.isEmpty ? nil : entries.removeFirst()
    }

    /// Takes out an entry that nobody waits for any more.
    mutating func remove(id: UInt64) {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return }
        if index == 0 {
            _ = removeFirst()
        } else {
            entries.remove(at: index)
        }
    }
}
