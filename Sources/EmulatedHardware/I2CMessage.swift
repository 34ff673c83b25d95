// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Simulation

/// One message as an emulated adapter had it.
package struct I2CMessage: Sendable, Hashable {
    /// How a program in the guest asked for a message.
    package enum Origin: Sendable, Hashable {
        /// By `I2C_RDWR`: the kernel marks these for direct memory access.
        case plainTransfer
        /// By an SMBus call other than a block call, or by a driver in the kernel.
        case call
    }

    /// The address.
    package var address: UInt16
    /// Whether the chip sent the bytes.
    package var isRead: Bool
    /// How it was asked for.
    package var origin: Origin
    /// The bytes sent or received.
    package var bytes: [UInt8]
    /// What went wrong, `nil` where nothing did.
    package var fault: VirtualI2CFault?
    /// When, by the emulator's clock.
    package var at: ContinuousClock.Instant

    /// `I2C_M_DMA_SAFE`, which `i2c-dev` sets on the messages of `I2C_RDWR`.
    ///
    /// Linux: include/uapi/linux/i2c.h.
    private static let directMemoryFlag: UInt16 = 0x0200

    init(
        _ setup: USBSetup, bytes: [UInt8], outcome: Result<[UInt8], VirtualI2CFault>,
        at instant: ContinuousClock.Instant
    ) {
        address = setup.index
        isRead = setup.isIn
        origin = setup.value & Self.directMemoryFlag == 0 ? .call : .plainTransfer
        at = instant
        switch outcome {
        case .success(let bytes): (self.bytes, fault) = (bytes, nil)
        case .failure(let error): (self.bytes, fault) = (setup.isIn ? [] : bytes, error)
        }
    }
}
