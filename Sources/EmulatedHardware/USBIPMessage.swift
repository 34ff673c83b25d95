// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import NIOCore

/// The packets of USB/IP protocol 1.1.1; all numbers are big endian.
///
/// Linux: `Documentation/usb/usbip_protocol.rst`.
enum USBIPMessage {
    /// The protocol's version in the operation headers.
    static let version: UInt16 = 0x0111
    /// The negative Linux error numbers that a status carries.
    enum Status {
        static let ok: Int32 = 0
        static let noDevice: Int32 = 1
        static let stall: Int32 = -32
        static let unlinked: Int32 = -104
    }

    /// Asks to import the device with a bus id (`OP_REQ_IMPORT`): 8 bytes of header, 32 of bus id.
    struct ImportRequest: Equatable {
        static let size = 40
        var busID: String

        /// Reads one from the front, `nil` while bytes are missing.
        init?(_ buffer: inout ByteBuffer) throws(USBIPError) {
            guard buffer.readableBytes >= Self.size, let version = buffer.readInteger(as: UInt16.self),
                let code = buffer.readInteger(as: UInt16.self), buffer.readInteger(as: UInt32.self) != nil,
                let name = buffer.readBytes(length: 32)
            else { return nil }
            guard version == USBIPMessage.version else { throw .version(version) }
            guard code == 0x8003 else { throw .operation(code) }
            busID = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Refuses or grants an import (`OP_REP_IMPORT`), with the device record where it is granted.
    static func importReply(_ record: DeviceRecord?) -> [UInt8] {
        var reply = version.bigEndianBytes + UInt16(0x0003).bigEndianBytes
        reply += (record == nil ? Status.noDevice : Status.ok).bigEndianBytes
        if let record { reply += record.bytes }
        return reply
    }

    /// What an import tells of the device: 312 bytes.
    struct DeviceRecord {
        var busID: String
        var deviceNumber: UInt32
        var identity: USBIdentity

        /// The record on the wire.
        var bytes: [UInt8] {
            var bytes = padded("/sys/devices/emulated/\(busID)", to: 256) + padded(busID, to: 32)
            bytes += UInt32(1).bigEndianBytes + deviceNumber.bigEndianBytes + USBSpeed.full.bigEndianBytes
            bytes += identity.vendor.bigEndianBytes + identity.product.bigEndianBytes
            bytes += identity.release.bigEndianBytes
            return bytes + [0xFF, 0, 0, 1, 1, 1]  // class, subclass, protocol, configuration, counts
        }

        private func padded(_ text: String, to count: Int) -> [UInt8] {
            let text = Array(text.utf8.prefix(count - 1))
            return text + Array(repeating: 0, count: count - text.count)
        }
    }

    /// The kernel's `enum usb_device_speed`.
    enum USBSpeed {
        static let full: UInt32 = 2
    }

    /// What an imported device is asked.
    enum Command: Equatable {
        /// One transfer (`USBIP_CMD_SUBMIT`); `data` are the bytes of an OUT transfer.
        case submit(sequence: UInt32, endpoint: UInt32, isIn: Bool, setup: USBSetup, data: [UInt8])
        /// Gives a transfer up (`USBIP_CMD_UNLINK`).
        case unlink(sequence: UInt32, victim: UInt32)

        private static let headerSize = 48
        /// More than any transfer on endpoint 0 can carry; above that the stream is out of step.
        private static let largestTransfer = 65_535

        /// Reads one from the front, `nil` while bytes are missing.
        init?(_ buffer: inout ByteBuffer) throws(USBIPError) {
            var header = buffer
            guard buffer.readableBytes >= Self.headerSize, let code = header.readInteger(as: UInt32.self),
                let sequence = header.readInteger(as: UInt32.self),
                header.readInteger(as: UInt32.self) != nil,
                let direction = header.readInteger(as: UInt32.self),
                let endpoint = header.readInteger(as: UInt32.self),
                let first = header.readInteger(as: UInt32.self),
                let length = header.readInteger(as: Int32.self)
            else { return nil }
            switch code {
            case 1:
                guard (0...Int32(Self.largestTransfer)).contains(length) else {
                    throw .transferLength(length)
                }
                header.moveReaderIndex(forwardBy: 12)  // start frame, packet count, interval
                guard let setup = USBSetup(&header),
                    let data = direction == 1 ? [] : header.readBytes(length: Int(length))
                else { return nil }
                self = .submit(
                    sequence: sequence, endpoint: endpoint, isIn: direction == 1, setup: setup, data: data)
            case 2:
                self = .unlink(sequence: sequence, victim: first)
                header.moveReaderIndex(to: buffer.readerIndex + Self.headerSize)
            default: throw .command(code)
            }
            buffer = header
        }
    }

    /// Ends a transfer (`USBIP_RET_SUBMIT`); `actual` counts the bytes of either direction.
    static func submitReply(sequence: UInt32, status: Int32, actual: Int, data: [UInt8] = []) -> [UInt8] {
        let head = UInt32(3).bigEndianBytes + sequence.bigEndianBytes + Array(repeating: 0, count: 12)
        return head + status.bigEndianBytes + UInt32(actual).bigEndianBytes + Array(repeating: 0, count: 20)
            + data
    }

    /// Answers an unlink (`USBIP_RET_UNLINK`).
    static func unlinkReply(sequence: UInt32, status: Int32) -> [UInt8] {
        let head = UInt32(4).bigEndianBytes + sequence.bigEndianBytes + Array(repeating: 0, count: 12)
        return head + status.bigEndianBytes + Array(repeating: 0, count: 24)
    }
}

/// Why a USB/IP stream cannot be followed any further.
package enum USBIPError: Error, Hashable, CustomStringConvertible {
    /// Another protocol version.
    case version(UInt16)
    /// An operation other than an import.
    case operation(UInt16)
    /// A command other than submit and unlink.
    case command(UInt32)
    /// A transfer that endpoint 0 cannot carry.
    case transferLength(Int32)

    /// The text that people read.
    package var description: String {
        switch self {
        case .version(let version):
            "USB/IP version \(version) is not spoken here: use a kernel that speaks 0x0111"
        case .operation(let code): "USB/IP operation \(code) is not served: only an import (0x8003) is"
        case .command(let code): "USB/IP command \(code) is unknown: the stream is out of step"
        case .transferLength(let length): "a USB/IP transfer of \(length) bytes: the stream is out of step"
        }
    }
}

extension USBSetup {
    /// Reads the eight setup bytes, which are little endian also within USB/IP.
    fileprivate init?(_ buffer: inout ByteBuffer) {
        guard let requestType = buffer.readInteger(as: UInt8.self),
            let request = buffer.readInteger(as: UInt8.self),
            let value = buffer.readInteger(endianness: .little, as: UInt16.self),
            let index = buffer.readInteger(endianness: .little, as: UInt16.self),
            let length = buffer.readInteger(endianness: .little, as: UInt16.self)
        else { return nil }
        self.init(requestType: requestType, request: request, value: value, index: index, length: length)
    }
}

extension FixedWidthInteger {
    /// The bytes, highest first.
    fileprivate var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }
}
