// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("EventSink", .timeLimit(.minutes(10)))
struct EventSinkTests {
    private static let end = TransportEvent.closed(TransportError(.overflow, "full"))

    private static func message(_ number: Int) -> TransportEvent { .message(topic: "\(number)", payload: []) }

    @Test("The message beyond the limit is reported as too many, and the end still gets through")
    func overflow() async {
        let sink = EventSink(limit: 3)
        let generation = sink.next()
        for number in 0..<3 { #expect(sink.yield(Self.message(number), generation: generation)) }
        #expect(!sink.yield(Self.message(3), generation: generation))
        _ = sink.yield(Self.end, generation: generation)
        var events = sink.stream.makeAsyncIterator()
        for _ in 0..<4 {
            guard case .message = await events.next() else {
                Issue.record("a message is missing")
                return
            }
        }
        guard case .closed(let error) = await events.next() else {
            Issue.record("the end is missing")
            return
        }
        #expect(error.code == .overflow)
    }

    @Test("What an earlier connection still reports is dropped")
    func generations() async {
        let sink = EventSink(limit: 3)
        let old = sink.next()
        let new = sink.next()
        #expect(sink.yield(Self.end, generation: old))
        #expect(sink.yield(Self.message(7), generation: new))
        var events = sink.stream.makeAsyncIterator()
        guard case .message("7", _) = await events.next() else {
            Issue.record("the earlier connection was heard")
            return
        }
    }
}
