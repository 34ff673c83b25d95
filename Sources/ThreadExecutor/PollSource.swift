// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What a poll source waits for, or what has come true.
package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    /// Makes a set from its bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The descriptor can be read, or has an error or end-of-stream to fetch.
    package static let read = Interest(rawValue: 1)
    /// The descriptor can be written.
    package static let write = Interest(rawValue: 2)
}

/// Something that a `ThreadExecutor` waits for between jobs: one descriptor, one point in time, or both.
///
/// Every member is read and called on the executor's thread only, so a source may be a plain class without locks.
/// `assumeIsolated` of an actor on that executor works inside `ready`.
package protocol PollSource: AnyObject {
    /// The descriptor to wait on, or `nil` for none at the moment.
    var descriptor: CInt? { get }
    /// What to wait for on the descriptor; errors and hang-up are always reported, as `.read`.
    var interest: Interest { get }
    /// When `ready` is due at the latest.
    ///
    /// A deadline that stays in the past makes the executor call `ready` without a pause: move it in `ready`.
    var deadline: Deadline { get }
    /// Called when something of `interest` came true, or with an empty set when the deadline has passed
    /// or the executor was signalled.
    func ready(_ interest: Interest)
    /// Called before each wait and each look: the time for what was left to be done once for many jobs.
    func settle()
}

extension PollSource {
    /// Nothing is left to be done.
    package func settle() {}
}
