// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One chip: a bus and an address.
///
/// Drivers own one of these, never the bus.
public struct I2CDevice {
    /// The bus that the chip is on.
    public let bus: any I2CBus
    /// The 7-bit address.
    public let address: UInt8

    /// Names the chip at `address` on `bus`; nothing is sent.
    public init(bus: any I2CBus, address: UInt8) {
        self.bus = bus
        self.address = address
    }

    /// Reads `count` bytes from `register`: writes the pointer, repeated START, reads.
    public func read(_ count: Int, from register: UInt8) throws(BusError) -> [UInt8] {
        try bus.transfer(to: address, write: [register], readCount: count)
    }

    /// Reads `count` consecutive registers of one byte each, beginning with `register`.
    ///
    /// An adapter without block calls reads them one by one, twice, because without the chip's shadowing they may belong to
    /// different conversions; throws `.protocolViolation` where both passes differ.
    public func readBlock(_ count: Int, from register: UInt8) throws(BusError) -> [UInt8] {
        do throws(BusError) {
            return try read(count, from: register)
        } catch {
            guard error.kind == .unsupported, count > 1 else { throw error }
        }
        let first = try readOneByOne(count, from: register)
        guard try readOneByOne(count, from: register) == first else {
            throw BusError(
                .protocolViolation, operation: "read byte by byte", location: location,
                advice:
                    "The registers changed meanwhile, and the adapter cannot read them in one transaction.")
        }
        return first
    }

    private func readOneByOne(_ count: Int, from register: UInt8) throws(BusError) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count { bytes += try read(1, from: register &+ UInt8(truncatingIfNeeded: index)) }
        return bytes
    }

    /// Reads a 16-bit register, most significant byte first on the wire.
    public func readWord(from register: UInt8) throws(BusError) -> UInt16 {
        let bytes = try read(2, from: register)
        guard bytes.count == 2 else {
            throw BusError(.shortTransfer, operation: "read", location: location)
        }
        return UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    }

    /// Writes a 16-bit register, most significant byte first on the wire.
    public func writeWord(_ word: UInt16, to register: UInt8) throws(BusError) {
        try write([register, UInt8(word >> 8), UInt8(word & 0xFF)])
    }

    /// Writes `bytes` in one transaction.
    public func write(_ bytes: [UInt8]) throws(BusError) {
        _ = try bus.transfer(to: address, write: bytes, readCount: 0)
    }

    /// The place, for error texts.
    public var location: String {
        let digits = String(address, radix: 16)
        return "\(bus.location) address 0x\(digits.count < 2 ? "0" : "")\(digits)"
    }
}
