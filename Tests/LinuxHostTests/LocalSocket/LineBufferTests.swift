// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LinuxHost

@Suite("Lines of bytes") struct LineBufferTests {
    private func lines(_ buffer: inout LineBuffer) -> [LineBuffer.Next] {
        var found: [LineBuffer.Next] = []
        while true {
            let next = buffer.next()
            if next == .incomplete { return found }
            found.append(next)
            if next == .tooLong { return found }
        }
    }

    @Test("Lines come out whole, however the bytes came in", arguments: 1...12) func pieces(size: Int) {
        let text = Array("one\r\n\ntwo words\nthe rest".utf8)
        var buffer = LineBuffer(limit: 9)
        var found: [LineBuffer.Next] = []
        for start in stride(from: 0, to: text.count, by: size) {
            buffer.append(text[start..<min(start + size, text.count)])
            found += lines(&buffer)
        }
        #expect(found == ["one", "", "two words"].map { .line(Array($0.utf8)) })
        #expect(!buffer.isEmpty)
    }

    @Test("A line of the longest length passes, one byte more does not, with and without its end")
    func limit() {
        let line = [UInt8](repeating: 0xFF, count: 8)
        for (bytes, expected) in [
            (line + [10], LineBuffer.Next.line(line)), (line, .incomplete), (line + [1, 10], .tooLong),
            (line + [1], .tooLong),
        ] {
            var buffer = LineBuffer(limit: 8)
            buffer.append(bytes)
            #expect(buffer.next() == expected, "\(bytes)")
        }
    }
}
