// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// A ``VirtualI2CBus`` as drivers see a bus.
///
/// Not `Sendable`: make one for each place that uses it.
package final class InMemoryI2CBus: I2CBus {
    /// Where this bus is, for error texts.
    package let location: String
    private let wires: VirtualI2CBus
    private let beforeTransfer: (() -> Void)?

    /// Opens `wires`; `beforeTransfer` runs ahead of each transaction, for a world that moves on by then.
    package init(_ wires: VirtualI2CBus, location: String, beforeTransfer: (() -> Void)? = nil) {
        self.wires = wires
        self.location = location
        self.beforeTransfer = beforeTransfer
    }

    /// One transaction, as ``HardwareIO/I2CBus/transfer(to:write:readCount:)`` says.
    package func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        beforeTransfer?()
        let place = "\(location) address 0x\(String(address, radix: 16))"
        guard !write.isEmpty || readCount > 0 else {
            throw BusError(.unsupported, operation: "empty transfer", location: place)
        }
        do throws(VirtualI2CFault) {
            if !write.isEmpty { try wires.write(write, to: address, stop: readCount == 0) }
            return readCount > 0 ? try wires.read(readCount, from: address, stop: true) : []
        } catch {
            let kind: BusError.Kind =
                switch error {
                case .noAcknowledge: .noAcknowledge
                case .transferError: .inputOutput
                case .hang: .timedOut
                }
            throw BusError(kind, operation: "transfer", location: place)
        }
    }
}
