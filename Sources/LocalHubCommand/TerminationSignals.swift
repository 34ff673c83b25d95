// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Dispatch
import Foundation

/// SIGINT and SIGTERM as something to wait for.
struct TerminationSignals {
    private let sources: [any DispatchSourceSignal]
    private let arrived: AsyncStream<Void>

    /// From here on the two signals no longer end the process by themselves.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        arrived = stream
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Returns when one of them has arrived, also when that was before this call.
    func wait() async {
        for await _ in arrived { break }
        sources.forEach { $0.cancel() }
    }
}
