// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The eight bytes that begin a control transfer; USB 2.0, 9.3.
package struct USBSetup: Sendable, Hashable {
    /// Whether the device answers with data (device to host).
    package var isIn: Bool { requestType & 0x80 != 0 }
    /// Direction, type and recipient: `bmRequestType`.
    package var requestType: UInt8
    /// What is asked: `bRequest`.
    package var request: UInt8
    /// `wValue`.
    package var value: UInt16
    /// `wIndex`.
    package var index: UInt16
    /// How many data bytes may follow, at most: `wLength`.
    package var length: UInt16

    /// Makes the setup packet of a control transfer.
    package init(requestType: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0, length: UInt16 = 0)
    {
        self.requestType = requestType
        self.request = request
        self.value = value
        self.index = index
        self.length = length
    }

    /// Which specification defines the request; USB 2.0, table 9-2.
    package enum Kind: Sendable, Hashable { case standard, `class`, vendor, reserved }

    /// Which specification defines this request.
    package var kind: Kind {
        switch requestType >> 5 & 3 {
        case 0: .standard
        case 1: .class
        case 2: .vendor
        default: .reserved
        }
    }
}

/// How a device ends a transfer on its endpoint 0.
package enum USBControlAnswer: Sendable, Hashable {
    /// Success: the data of an IN transfer, nothing for an OUT transfer.
    case data([UInt8])
    /// The request is refused; the host sees `EPIPE`.
    case stall
    /// No answer for ever; the host gives up by its own time limit.
    case silence

    /// Success without data.
    package static let done = USBControlAnswer.data([])
}
