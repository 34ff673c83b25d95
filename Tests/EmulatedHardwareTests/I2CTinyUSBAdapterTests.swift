// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ChipModels
import EmulatedHardware
import Simulation
import Testing

@Suite struct I2CTinyUSBAdapterTests {
    private let adapter = I2CTinyUSBAdapter()
    private let start = ContinuousClock.now

    init() {
        adapter.bus.attach(TMP102Model(celsius: 21.5, poweredAt: start.advanced(by: .seconds(-10))), at: 0x48)
    }

    private func read(_ request: UInt8, count: UInt16, address: UInt16 = 0x48) -> USBControlAnswer {
        adapter.control(
            USBSetup(requestType: 0xC1, request: request, value: 1, index: address, length: count), data: [],
            at: start)
    }

    private func write(_ request: UInt8, _ data: [UInt8], address: UInt16 = 0x48) -> USBControlAnswer {
        adapter.control(
            USBSetup(requestType: 0x41, request: request, index: address, length: UInt16(data.count)),
            data: data,
            at: start)
    }

    private var status: USBControlAnswer {
        adapter.control(USBSetup(requestType: 0xC0, request: 3, length: 1), data: [], at: start)
    }

    @Test("Functionality is plain I2C with emulated SMBus, lowest byte first")
    func functionality() {
        let answer = adapter.control(USBSetup(requestType: 0xC0, request: 1, length: 4), data: [], at: start)
        #expect(answer == .data([0x0B, 0x00, 0xFF, 0x0E]))
    }

    @Test("An adapter can say that it has SMBus calls only")
    func smbusOnly() {
        let adapter = I2CTinyUSBAdapter(functions: .smbusWithoutBlocks)
        let answer = adapter.control(USBSetup(requestType: 0xC0, request: 1, length: 4), data: [], at: start)
        #expect(answer == .data([0x00, 0x00, 0x7F, 0x00]))
    }

    @Test("A message of I2C_RDWR is told from one of an SMBus call")
    func origin() {
        for flags: UInt16 in [0x0001, 0x0201] {
            let setup = USBSetup(requestType: 0xC1, request: 7, value: flags, index: 0x48, length: 1)
            #expect(adapter.control(setup, data: [], at: start) == .data([0x15]))
        }
        #expect(adapter.messages.map(\.origin) == [.call, .plainTransfer])
    }

    @Test("A write and a read with a repeated START fetch a register")
    func register() {
        #expect(write(4 + 1, [0]) == .done)
        #expect(status == .data([1]))
        #expect(read(4 + 2, count: 2) == .data([0x15, 0x80]))
        #expect(status == .data([1]))
        #expect(adapter.messages.map(\.bytes) == [[0], [0x15, 0x80]])
        #expect(adapter.messages.map(\.isRead) == [false, true])
    }

    @Test("An absent address is told by the status, with an answer of full length", arguments: [0x49, 0x148])
    func absent(address: UInt16) {
        #expect(read(4 + 3, count: 2, address: address) == .data([0xFF, 0xFF]))
        #expect(status == .data([2]))
        #expect(write(4 + 3, [0], address: address) == .done)
        #expect(status == .data([2]))
        #expect(adapter.messages.map(\.fault) == [.noAcknowledge, .noAcknowledge])
    }

    @Test("The quick command asks for no more than the acknowledge")
    func quick() {
        #expect(write(4 + 3, []) == .done)
        #expect(status == .data([1]))
    }

    @Test(
        "An injected fault strikes as often as it was asked to",
        arguments: [
            (VirtualI2CFault.noAcknowledge, USBControlAnswer.data([0xFF])), (.transferError, .stall),
            (.hang, .silence),
        ])
    func faults(fault: VirtualI2CFault, answer: USBControlAnswer) {
        adapter.bus.inject(fault, at: 0x48, times: 2)
        #expect(read(4 + 3, count: 1) == answer)
        #expect(read(4 + 3, count: 1) == answer)
        #expect(read(4 + 3, count: 1) == .data([0x15]))
    }

    @Test("Requests of another kind are stalled")
    func unknown() {
        #expect(read(9, count: 1) == .stall)
        let standard = USBSetup(requestType: 0x80, request: 1, length: 4)
        #expect(adapter.control(standard, data: [], at: start) == .stall)
    }
}
