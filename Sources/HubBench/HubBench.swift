// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import IoTHub
import MosquittoTransport
import ThreadExecutor

/// Sends telemetry to an anonymous broker over TLS and prints how fast it was acknowledged.
@main
struct HubBench {
    static func main() async {
        do throws(Failure) {
            let settings = try Settings(environment: environment)
            let seconds = try await run(settings)
            print("{\"acked\": \(settings.count), \"seconds\": \(seconds)}")
        } catch {
            let line = Array("hub-bench: \(error.message)\n".utf8)
            _ = write(STDERR_FILENO, line, line.count)
            exit(1)
        }
    }

    /// Publishes all messages, `batch` of them outstanding at any time, and returns the seconds until the last ack.
    private static func run(_ settings: Settings) async throws(Failure) -> Double {
        var options = MosquittoOptions()
        options.window = settings.batch
        let transport = MosquittoTransport(options: options)
        let clientID = "hub-bench-\(getpid())"
        let topic = "devices/\(clientID)/messages/events/"
        do {
            _ = try await transport.connect(settings.credentials(clientID: clientID))
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for lane in 0..<settings.batch {
                    group.addTask(executorPreference: transport.preferredExecutor) {
                        for number in stride(from: lane, to: settings.count, by: settings.batch) {
                            try await transport.publish(payload(number), to: topic)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let (seconds, attoseconds) = start.duration(to: .now).components
            await transport.disconnect()
            return Double(seconds) + Double(attoseconds) / 1e18
        } catch {
            throw Failure(message: "\(error)")
        }
    }

    /// A telemetry body of 30 bytes.
    private static func payload(_ number: Int) -> [UInt8] {
        var body = Array(#"{"temperature":21.50,"n":0000}"#.utf8)
        var rest = number
        for index in stride(from: 28, through: 25, by: -1) {
            body[index] = UInt8(48 + rest % 10)
            rest /= 10
        }
        return body
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// Why the program could not do its work.
struct Failure: Error {
    let message: String
}
