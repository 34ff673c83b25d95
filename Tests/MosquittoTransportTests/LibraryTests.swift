// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import MosquittoTransport

@Suite("Library")
struct LibraryTests {
    @Test("libmosquitto and its TLS state are initialised once, whoever asks first", .timeLimit(.minutes(10)))
    func ready() async {
        let answers = await withTaskGroup { group in
            for _ in 0..<16 { group.addTask { Library.isReady && Library.isTLSReady } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: true, count: 16))
    }
}
