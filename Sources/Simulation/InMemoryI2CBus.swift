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
        guard !write.isEmpty || readCount > 0 else {
            throw BusError(.unsupported, operation: "empty transfer", location: place(of: address))
        }
        do throws(VirtualI2CFault) {
            if !write.isEmpty { try wires.write(write, to: address, stop: readCount == 0) }
            return readCount > 0 ? try wires.read(readCount, from: address, stop: true) : []
        } catch {
            throw Self.failure(error, at: place(of: address))
        }
    }

    /// Asks for an acknowledge, as ``HardwareIO/I2CBus/answers(at:to:)`` says.
    package func answers(at address: UInt8, to probe: PresenceProbe) throws(BusError) -> Bool {
        beforeTransfer?()
        do throws(VirtualI2CFault) {
            switch probe {
            case .quickWrite: try wires.write([], to: address, stop: true)
            case .readByte: _ = try wires.read(1, from: address, stop: true)
            }
            return true
        } catch .noAcknowledge {
            return false
        } catch {
            throw Self.failure(error, at: place(of: address))
        }
    }

    private func place(of address: UInt8) -> String { I2CDevice(bus: self, address: address).location }

    private static func failure(_ fault: VirtualI2CFault, at place: String) -> BusError {
        let kind: BusError.Kind =
            switch fault {
            case .noAcknowledge: .noAcknowledge
            case .transferError: .inputOutput
            case .hang: .timedOut
            }
        return BusError(kind, operation: "transfer", location: place)
    }
}
