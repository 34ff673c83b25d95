// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// A bus that serves recorded register contents or one recorded reply, and accepts every write.
///
/// It stands for a chip of which only some bytes are known, so it answers at every address, and with zeros where nothing
/// was recorded.
package final class RecordedI2CBus: I2CBus {
    /// What the recording holds.
    package enum Recording: Sendable, Hashable {
        /// Bytes that a read beginning at that register returns; some take the place of others after a certain write.
        case registers([UInt8: [UInt8]], afterWriting: [[UInt8]: [UInt8: [UInt8]]] = [:])
        /// The reply to every read, whatever was written before.
        case frame([UInt8])
    }

    /// Where this bus is, for error texts.
    package let location = "recorded bus"
    /// Whether a register was read of which nothing was recorded.
    package private(set) var wasAskedForMore = false
    private var recording: Recording
    private var pointer: UInt8 = 0

    /// Serves `recording`.
    package init(_ recording: Recording) { self.recording = recording }

    /// One transaction; throws `.shortTransfer` where a recorded register is shorter than what is asked for.
    package func transfer(to address: UInt8, write: [UInt8], readCount: Int) throws(BusError) -> [UInt8] {
        take(write)
        guard readCount > 0 else { return [] }
        if let bytes = try acrossBlocks(readCount) { return bytes }
        guard let bytes = recorded() else {
            wasAskedForMore = true
            return [UInt8](repeating: 0, count: readCount)
        }
        guard bytes.count >= readCount else { throw tooShort }
        return Array(bytes.prefix(readCount))
    }

    private var tooShort: BusError {
        BusError(.shortTransfer, operation: "recorded read", location: location)
    }

    private func take(_ write: [UInt8]) {
        if let first = write.first { pointer = first }
        guard case .registers(let blocks, let changes) = recording, let change = changes[write] else {
            return
        }
        recording = .registers(blocks.merging(change) { $1 }, afterWriting: changes)
    }

    /// The bytes from the pointer on, out of the nearest block that begins at or before it; `nil` beyond its end.
    ///
    /// A 16-bit register's second byte hides the register of the next address only where that has no block of its own.
    private func recorded() -> ArraySlice<UInt8>? {
        switch recording {
        case .frame(let bytes): return bytes[...]
        case .registers(let blocks, _):
            guard let start = blocks.keys.filter({ $0 <= pointer }).max(), let bytes = blocks[start],
                Int(pointer - start) < max(bytes.count, 1)
            else { return nil }
            return bytes.dropFirst(Int(pointer - start))
        }
    }

    /// The bytes of several blocks in a row, as a chip sends them that counts its pointer up through registers of one byte.
    ///
    /// A block longer than a word is the sign of such a chip. Registers between the blocks were not recorded. `nil` where the
    /// read reaches one block at most. Throws `.shortTransfer` where the last block ends before the read does.
    private func acrossBlocks(_ count: Int) throws(BusError) -> [UInt8]? {
        guard case .registers(let blocks, _) = recording, blocks.values.contains(where: { $0.count > 2 }),
            recorded().map({ $0.count < count }) ?? true
        else { return nil }
        let wanted = Int(pointer)..<Int(pointer) + count
        guard let last = blocks.keys.filter({ $0 > pointer && wanted.contains(Int($0)) }).max() else {
            return nil
        }
        guard Int(last) + (blocks[last]?.count ?? 0) >= wanted.upperBound else { throw tooShort }
        return wanted.map { register in
            let start = blocks.keys.filter { $0 <= register }.max()
            let block = start.flatMap { blocks[$0] }?.dropFirst(register - Int(start ?? 0))
            if block?.first == nil { wasAskedForMore = true }
            return block?.first ?? 0
        }
    }

    /// Always true: the recording stands for a chip at every address.
    package func answers(at address: UInt8, to probe: PresenceProbe) -> Bool { true }
}
