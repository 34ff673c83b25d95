// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import StateStore

/// The messages that were under way when a connection ended, to find the one that ends them; pure.
///
/// A hub closes the connection on a message that it cannot take, so such a message would block all others for ever. With
/// several under way nobody can tell which it was: what was lost a few times goes alone, and what ends a connection
/// alone a few times is the one. What the hub has taken is suspected no more.
struct SuspectList: Sendable {
    /// What was seen of one message.
    private struct Record {
        var losses = 0
        var lossesAlone = 0
    }

    /// Losses after which a message goes alone.
    static let lossesUntilAlone = 3
    /// Losses alone after which a message is set aside.
    static let lossesUntilAside = 5
    /// More are not remembered: then the list starts anew, which costs a few more losses and no message.
    private static let capacity = 1_000

    private var records: [SampleKey: Record] = [:]

    /// Counts a message as lost with its connection; returns whether it is to be set aside.
    mutating func lost(_ key: SampleKey, alone: Bool) -> Bool {
        if records.count >= Self.capacity, records[key] == nil { records.removeAll() }
        var record = records[key] ?? Record()
        record.losses += 1
        if alone { record.lossesAlone += 1 }
        guard record.lossesAlone < Self.lossesUntilAside else {
            records[key] = nil
            return true
        }
        records[key] = record
        return false
    }

    /// Counts a message as taken by the hub.
    mutating func clear(_ key: SampleKey) {
        guard !records.isEmpty else { return }
        records[key] = nil
    }

    /// Whether the message has to go alone.
    func isSuspect(_ key: SampleKey) -> Bool { rank(of: key) > 0 }

    /// How strong the suspicion is; 0 for a message that may go with others.
    func rank(of key: SampleKey) -> Int {
        guard let record = records[key], record.losses >= Self.lossesUntilAlone else { return 0 }
        return 1 + record.lossesAlone
    }
}
