// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Answers the standard requests of a full-speed device with one vendor-specific interface and no further endpoint.
///
/// USB 2.0, chapter 9.
package struct USBEnumeration: Sendable {
    private let identity: USBIdentity
    private var configuration: UInt8 = 0

    /// Begins with the device unconfigured, as after a bus reset.
    package init(_ identity: USBIdentity) {
        self.identity = identity
    }

    /// One standard request; what an endpoint-0 device has no use for is stalled.
    package mutating func answer(_ setup: USBSetup) -> USBControlAnswer {
        switch (setup.isIn, setup.request) {
        case (true, Request.getDescriptor):
            descriptor(type: UInt8(setup.value >> 8), index: UInt8(setup.value & 0xFF)).map { .data($0) }
                ?? .stall
        case (true, Request.getStatus): .data([0, 0])
        case (true, Request.getConfiguration): .data([configuration])
        case (true, Request.getInterface): .data([0])
        case (false, Request.setConfiguration): configure(UInt8(setup.value & 0xFF))
        case (false, Request.setAddress), (false, Request.clearFeature), (false, Request.setFeature): .done
        case (false, Request.setInterface): setup.value == 0 ? .done : .stall
        default: .stall
        }
    }

    private mutating func configure(_ value: UInt8) -> USBControlAnswer {
        guard value <= 1 else { return .stall }
        configuration = value
        return .done
    }

    private func descriptor(type: UInt8, index: UInt8) -> [UInt8]? {
        switch (type, index) {
        case (Descriptor.device, 0): deviceDescriptor
        case (Descriptor.configuration, 0): configurationDescriptor
        case (Descriptor.string, 0): [4, Descriptor.string, 0x09, 0x04]  // US English only
        case (Descriptor.string, 1): string(identity.manufacturer)
        case (Descriptor.string, 2): string(identity.name)
        case (Descriptor.string, 3): string(identity.serial)
        default: nil
        }
    }

    /// USB 2.0, table 9-8.
    private var deviceDescriptor: [UInt8] {
        [18, Descriptor.device, 0x10, 0x01, 0xFF, 0, 0, 8]
            + identity.vendor.littleEndianBytes + identity.product.littleEndianBytes
            + identity.release.littleEndianBytes + [1, 2, 3, 1]
    }

    /// USB 2.0, tables 9-10 and 9-12: bus powered, 10 mA.
    private var configurationDescriptor: [UInt8] {
        [9, Descriptor.configuration, 18, 0, 1, 1, 0, 0x80, 5] + [
            9, Descriptor.interface, 0, 0, 0, 0xFF, 0, 0, 0,
        ]
    }

    /// USB 2.0, table 9-16; the length byte allows 126 code units.
    private func string(_ text: String) -> [UInt8] {
        let units = text.utf16.prefix(126).flatMap(\.littleEndianBytes)
        return [UInt8(units.count + 2), Descriptor.string] + units
    }

    private enum Request {
        static let getStatus: UInt8 = 0
        static let clearFeature: UInt8 = 1
        static let setFeature: UInt8 = 3
        static let setAddress: UInt8 = 5
        static let getDescriptor: UInt8 = 6
        static let getConfiguration: UInt8 = 8
        static let setConfiguration: UInt8 = 9
        static let getInterface: UInt8 = 10
        static let setInterface: UInt8 = 11
    }

    private enum Descriptor {
        static let device: UInt8 = 1
        static let configuration: UInt8 = 2
        static let string: UInt8 = 3
        static let interface: UInt8 = 4
    }
}

extension FixedWidthInteger {
    /// The bytes, lowest first.
    var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: littleEndian) { Array($0) }
    }
}
