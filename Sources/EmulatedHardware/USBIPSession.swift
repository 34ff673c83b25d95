// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore

/// One USB/IP connection without its socket: bytes in, bytes out.
struct USBIPSession {
    private enum State {
        case awaitingImport
        case imported(any EmulatedUSBDevice, USBEnumeration)
        case refused
    }

    private var state = State.awaitingImport
    private var pending = ByteBuffer()
    /// Transfers that the device leaves unanswered until the host gives them up.
    private var held: Set<UInt32> = []
    private let plugged: [String: any EmulatedUSBDevice]
    /// The bus id that was imported.
    private(set) var busID: String?

    /// Begins a connection that may import one of the devices, by bus id.
    init(plugged: [String: any EmulatedUSBDevice]) {
        self.plugged = plugged
    }

    /// Whether the connection is of no further use once the answer is sent.
    var isOver: Bool {
        if case .refused = state { true } else { false }
    }

    /// Takes the bytes that arrived and returns those to send; throws when the stream cannot be followed.
    mutating func receive(_ bytes: ByteBuffer, at now: ContinuousClock.Instant) throws(USBIPError) -> [UInt8]
    {
        pending.writeImmutableBuffer(bytes)
        var output: [UInt8] = []
        while true {
            switch state {
            case .awaitingImport:
                guard let request = try USBIPMessage.ImportRequest(&pending) else { return output }
                output += importDevice(request.busID)
            case .imported(let device, var enumeration):
                guard let command = try USBIPMessage.Command(&pending) else { return output }
                output += perform(command, on: device, &enumeration, at: now)
                state = .imported(device, enumeration)
            case .refused:
                return output
            }
            pending.discardReadBytes()
        }
    }

    private mutating func importDevice(_ busID: String) -> [UInt8] {
        guard let device = plugged[busID] else {
            state = .refused
            return USBIPMessage.importReply(nil)
        }
        self.busID = busID
        state = .imported(device, USBEnumeration(device.identity))
        let number = plugged.keys.sorted().firstIndex(of: busID).map { UInt32($0 + 2) } ?? 2
        return USBIPMessage.importReply(.init(busID: busID, deviceNumber: number, identity: device.identity))
    }

    private mutating func perform(
        _ command: USBIPMessage.Command, on device: any EmulatedUSBDevice,
        _ enumeration: inout USBEnumeration,
        at now: ContinuousClock.Instant
    ) -> [UInt8] {
        switch command {
        case .unlink(let sequence, let victim):
            let wasHeld = held.remove(victim) != nil
            // An answered transfer needs no more than the acknowledgement.
            return USBIPMessage.unlinkReply(
                sequence: sequence, status: wasHeld ? USBIPMessage.Status.unlinked : USBIPMessage.Status.ok)
        case .submit(let sequence, let endpoint, let isIn, let setup, let data):
            guard endpoint == 0, isIn == setup.isIn || setup.length == 0 else {
                return USBIPMessage.submitReply(
                    sequence: sequence, status: USBIPMessage.Status.stall, actual: 0)
            }
            let answer =
                setup.kind == .standard
                ? enumeration.answer(setup) : device.control(setup, data: data, at: now)
            return reply(to: sequence, setup, data, answer)
        }
    }

    private mutating func reply(
        to sequence: UInt32, _ setup: USBSetup, _ data: [UInt8], _ answer: USBControlAnswer
    ) -> [UInt8] {
        switch answer {
        case .data(let bytes) where setup.isIn:
            let bytes = Array(bytes.prefix(Int(setup.length)))
            return USBIPMessage.submitReply(
                sequence: sequence, status: USBIPMessage.Status.ok, actual: bytes.count, data: bytes)
        case .data:
            return USBIPMessage.submitReply(
                sequence: sequence, status: USBIPMessage.Status.ok, actual: data.count)
        case .stall:
            return USBIPMessage.submitReply(sequence: sequence, status: USBIPMessage.Status.stall, actual: 0)
        case .silence:
            held.insert(sequence)
            return []
        }
    }
}
