// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import MosquittoTransport

@Suite("PublishWindow")
struct PublishWindowTests {
    @Test("Messages leave in order and never more than the limit are unacknowledged")
    func order() {
        let window = Window(limit: 3)
        for number in 0..<1000 { window.wait(number) }
        var left: [Int] = []
        var identifier = Int32(0)
        while left.count < 1000 {
            while let number = window.next() {
                identifier += 1
                #expect(window.send(number, as: identifier))
                left.append(number)
            }
            #expect(window.sentCount <= 3)
            #expect(window.acknowledge(identifier - Int32(window.sentCount) + 1) != nil)
        }
        #expect(left == Array(0..<1000))
    }

    @Test("An acknowledgement of something else changes nothing")
    func unknown() {
        let window = Window(limit: 1)
        #expect(window.send(7, as: 1))
        #expect(window.acknowledge(2) == nil)
        #expect(!window.hasRoom)
        #expect(window.acknowledge(1) == 7)
        #expect(window.acknowledge(1) == nil)
        #expect(window.hasRoom)
    }

    @Test("An identifier that is still in use is noticed")
    func collision() {
        let window = Window(limit: 2)
        #expect(window.send(1, as: 5))
        #expect(!window.send(2, as: 5))
    }

    @Test("Emptying returns what was sent and what waits, once")
    func empty() {
        let window = Window(limit: 1)
        for number in 1...3 { window.wait(number) }
        if let first = window.next() { #expect(window.send(first, as: 1)) }
        let (sent, waiting) = window.removeAll()
        #expect(sent == [1] && waiting == [2, 3])
        let (none, nobody) = window.removeAll()
        #expect(none.isEmpty && nobody.isEmpty && window.hasRoom)
    }
}

/// A window behind a reference, since `#expect` takes no mutating calls.
private final class Window {
    private var window: PublishWindow<Int, Int>
    init(limit: Int) { window = PublishWindow(limit: limit) }
    var hasRoom: Bool { window.hasRoom }
    var sentCount: Int { window.sentCount }
    func wait(_ number: Int) { window.wait(number) }
    func next() -> Int? { window.next() }
    func send(_ number: Int, as identifier: Int32) -> Bool { window.send(number, as: identifier) }
    func acknowledge(_ identifier: Int32) -> Int? { window.acknowledge(identifier) }
    func removeAll() -> (sent: [Int], waiting: [Int]) { window.removeAll() }
}
