// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The latest method calls by request id, to tell late answers from invented ones.
struct IssuedMethods: Sendable {
    /// An answer that comes later than so many calls counts as invented.
    static let limit = 10_000

    private var devices: [String: String] = [:]
    private var order: [String] = []

    /// The device a request was made to, nil for none or one too long ago.
    subscript(requestId: String) -> String? { devices[requestId] }

    /// Takes note of a call; the request id must be new.
    mutating func add(_ requestId: String, device: String) {
        devices[requestId] = device
        order.append(requestId)
        guard order.count > Self.limit else { return }
        // Dropping a tenth at once keeps the cost of one call constant.
        let count = Self.limit / 10
        for old in order.prefix(count) { devices[old] = nil }
        order.removeFirst(count)
    }
}
