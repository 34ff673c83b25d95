// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// A bus behind an adapter that makes SMBus calls only, as many PC chipsets and USB adapters do.
///
/// Transactions for which no call has the same bytes are refused; the others are the same on the wire.
package final class SMBusOnlyI2CBus: I2CBus {
    /// All calls that SMBus has, block calls included.
    package static let allCalls: I2CFunctions = [
        .quick, .readByte, .writeByte, .readByteData, .writeByteData, .readWordData, .writeWordData,
        .readBlock,
        .writeBlock,
    ]

    /// Where this bus is, for error texts.
    package var location: String { bus.location }
    private let bus: any I2CBus
    private let functions: I2CFunctions

    /// Lets only what `functions` can do through to `bus`.
    package init(_ bus: any I2CBus, functions: I2CFunctions = SMBusOnlyI2CBus.allCalls) {
        self.bus = bus
        self.functions = functions
    }

    /// One transaction; throws `.unsupported` where no call has the same bytes.
    package func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        guard SMBusCall(write: write, readCount: readCount, functions: functions) != nil else {
            throw .noSMBusCall(writing: write.count, reading: readCount, at: location)
        }
        return try bus.transfer(to: address, write: write, readCount: readCount)
    }

    /// Asks for an acknowledge, as ``HardwareIO/I2CBus/answers(at:to:)`` says.
    package func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        try bus.answers(at: address, to: probe)
    }
}
