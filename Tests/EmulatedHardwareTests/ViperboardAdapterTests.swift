// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedHardware
import Testing

@Suite struct ViperboardAdapterTests {
    private let adapter = ViperboardAdapter()
    private let start = ContinuousClock.now

    @discardableResult
    private func write(_ request: UInt8, _ data: [UInt8], after seconds: Int = 0) -> USBControlAnswer {
        adapter.control(
            USBSetup(requestType: 0x40, request: request, length: UInt16(data.count)), data: data,
            at: start.advanced(by: .seconds(seconds)))
    }

    private func read(_ request: UInt8, count: UInt16) -> USBControlAnswer {
        adapter.control(USBSetup(requestType: 0xC0, request: request, length: count), data: [], at: start)
    }

    private func bankA(command: UInt8, offset: UInt8, value: UInt8 = 0) -> [UInt8] {
        [command, 0, offset, 0, 0, 0, 0, value, 0, 0, 0]
    }

    @Test("The driver gets its version bytes")
    func version() {
        #expect(read(0xEA, count: 1) == .data([1]))
        #expect(read(0xEB, count: 1) == .data([1]))
    }

    @Test("Bank A drives lines, and every change is told once, with its time")
    func bankAOutputs() {
        let line = ViperboardAdapter.Line(.a, 5)
        #expect(adapter.output(line) == nil)
        for (second, value) in [(1, 0), (2, 1), (3, 1), (4, 0)] as [(Int, UInt8)] {
            #expect(write(0xED, bankA(command: 3, offset: 5, value: value), after: second) == .done)
        }
        #expect(adapter.history.map(\.isHigh) == [false, true, false])
        #expect(adapter.history.map { $0.at - start } == [.seconds(1), .seconds(2), .seconds(4)])
        #expect(adapter.output(line) == false)
        write(0xED, bankA(command: 4, offset: 5))
        #expect(adapter.output(line) == nil)
    }

    @Test("An input of bank A is sampled, then fetched")
    func bankAInputs() {
        adapter.setInput(ViperboardAdapter.Line(.a, 3), isHigh: true)
        write(0xED, bankA(command: 6, offset: 3))
        #expect(read(0xED, count: 11) == .data([6, 0, 3, 0, 0, 0, 0, 0, 0, 1, 0]))
        write(0xED, bankA(command: 6, offset: 4))
        #expect(read(0xED, count: 11) == .data([6, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]))
    }

    @Test("Bank B has a direction and a value of its own for each line of the mask")
    func bankB() {
        #expect(write(0xDD, [1, 0x80, 0x01, 0x80, 0x01]) == .done)
        #expect(adapter.output(ViperboardAdapter.Line(.b, 15)) == true)
        #expect(adapter.output(ViperboardAdapter.Line(.b, 0)) == true)
        write(0xDD, [1, 0x00, 0x00, 0x00, 0x01])
        #expect(adapter.output(ViperboardAdapter.Line(.b, 0)) == false)
        #expect(read(0xDD, count: 5) == .data([0, 0x80, 0x00, 0xFF, 0xFF]))
        write(0xDD, [0, 0x00, 0x00, 0x80, 0x00])
        #expect(adapter.output(ViperboardAdapter.Line(.b, 15)) == nil)
    }

    @Test("Transitions can be waited for")
    func stream() async {
        write(0xED, bankA(command: 3, offset: 0, value: 1))
        var iterator = adapter.transitions.makeAsyncIterator()
        let first = await iterator.next()
        #expect(first?.line == ViperboardAdapter.Line(.a, 0) && first?.isHigh == true)
    }

    @Test("What no driver sends is stalled")
    func unknown() {
        #expect(write(0xED, [3, 0, 5]) == .stall)
        #expect(write(0xED, bankA(command: 3, offset: 16)) == .stall)
        #expect(write(0xED, bankA(command: 9, offset: 1)) == .stall)
        #expect(write(0xDD, [7, 0, 1, 0, 1]) == .stall)
        #expect(read(0x55, count: 1) == .stall)
        #expect(adapter.history.isEmpty)
    }
}
