// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import Synchronization

/// Standard input, line by line.
package enum StandardInput {
    /// The lines as they are typed, without their ends, read on a thread of its own; the stream ends with the input.
    ///
    /// A line is cut at 4096 bytes. Where no thread can be had, the stream ends at once.
    package static func lines() -> AsyncStream<String> { lines(from: STDIN_FILENO) }

    static func lines(from descriptor: CInt) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingNewest(64))
        let assembler = Mutex(LineAssembler())
        do throws(HostError) {
            let watch = try DescriptorWatch()
            continuation.onTermination = { _ in watch.stop() }
            try watch.start(descriptor) {
                var buffer = [UInt8](repeating: 0, count: 1_024)
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR || errno == EAGAIN { return true }
                guard count > 0 else { return false }
                assembler.withLock { $0.append(buffer[..<count]) }.forEach { continuation.yield($0) }
                return true
            } ended: {
                if let rest = assembler.withLock({ $0.finish() }) { continuation.yield(rest) }
                continuation.finish()
            }
        } catch {
            continuation.finish()
        }
        return stream
    }
}

/// Makes lines of bytes as they come.
struct LineAssembler: Sendable {
    /// The longest line that is kept whole, in bytes.
    static let limit = 4_096

    private var pending: [UInt8] = []

    /// Takes bytes and returns the lines that they complete.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else if pending.count < Self.limit {
                pending.append(byte)
            }
        }
        return lines
    }

    /// The last line, where it has no end.
    mutating func finish() -> String? { pending.isEmpty ? nil : take() }

    private mutating func take() -> String {
        if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }
}
