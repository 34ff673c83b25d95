// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A USB device whose whole protocol is control transfers on endpoint 0.
///
/// The server calls from its own thread while tests look and change from theirs, so a device guards its own state.
package protocol EmulatedUSBDevice: AnyObject, Sendable {
    /// What the host reads while it enumerates.
    var identity: USBIdentity { get }

    /// One control transfer other than the standard ones; `data` are the bytes of an OUT transfer.
    ///
    /// An answer longer than `setup.length` is cut to it.
    func control(_ setup: USBSetup, data: [UInt8], at now: ContinuousClock.Instant) -> USBControlAnswer
}

/// What tells one USB device from another.
package struct USBIdentity: Sendable, Hashable {
    /// The maker's number.
    package var vendor: UInt16
    /// The maker's number of the product.
    package var product: UInt16
    /// The device's release, binary coded decimal: 0x0205 is 2.05.
    package var release: UInt16
    /// The maker's name.
    package var manufacturer: String
    /// The product's name.
    package var name: String
    /// The serial number.
    package var serial: String

    /// Makes an identity.
    package init(
        vendor: UInt16, product: UInt16, release: UInt16, manufacturer: String, name: String, serial: String
    ) {
        self.vendor = vendor
        self.product = product
        self.release = release
        self.manufacturer = manufacturer
        self.name = name
        self.serial = serial
    }
}
