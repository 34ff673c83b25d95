// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import Quantities

/// Asks what chip answers at an address, in the order that does the least to others that share the address.
///
/// Every read of a register begins with a write of one byte, and some chips act on it. So a bare read comes first where
/// such chips live, a command that only one part understands comes last, and where no known chip lives nothing is
/// written at all. What is left: a PCF8591 at 0x48…0x4F takes the register number for its control byte, and a thermometer
/// in interrupt mode takes any read for the answer to its alert.
package enum ChipIdentification {
    /// Says what answers at the chip's address.
    ///
    /// `pause` waits for as long as the chip needs. Throws `.notFound` where nobody answers, `.wrongIdentity` with what
    /// was seen where it is none of the known chips, and what is wrong with the bus; the cause's kind is `.unsupported`
    /// where the adapter cannot make the transfers that it takes to tell. Leaves the chip as it was found.
    package static func identify(
        _ device: I2CDevice, pause: (Duration) async -> Void
    ) async throws(SensorError) -> ChipIdentity {
        var inquiry = Inquiry(device)
        let identity: ChipIdentity?
        switch device.address {
        case 0x18...0x1F: identity = try memoryModuleThermometer(&inquiry)
        case 0x38: identity = try hygrometerWithoutID(&inquiry)
        case 0x40, 0x41: identity = try hygrometerWithRegisters(&inquiry)
        case 0x44...0x46: identity = try await hygrometerWithChecksums(&inquiry, pause: pause)
        case 0x48...0x4F: identity = try thermometer(&inquiry)
        case 0x76, 0x77: identity = try barometer(&inquiry)
        default: throw SensorError(.wrongIdentity, unasked(device.address))
        }
        guard let identity else { throw try inquiry.nothingKnown() }
        return identity
    }

    /// Why the chip at an address without known chips was not asked, and what is often found there.
    ///
    /// The neighbours are those that a wrong byte would hurt most.
    private static func unasked(_ address: UInt8) -> String {
        let usual: String? =
            switch address {
            case 0x20...0x27, 0x39...0x3F: "port expanders and touch controllers live here"
            case 0x50...0x57: "memory chips live here"
            case 0x70...0x77: "I2C multiplexers live here"
            default: nil
            }
        return "no chip that is known here has this address" + (usual.map { ": \($0)" } ?? "")
    }
}
