// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub

/// What the environment asks for.
struct Settings: Sendable {
    let host: String
    let port: UInt16
    let authority: String
    let count: Int
    let batch: Int

    init(environment: (String) -> String?) throws(Failure) {
        func text(_ name: String) throws(Failure) -> String {
            guard let value = environment(name), !value.isEmpty else {
                throw Failure(message: "\(name) is not set; give BENCH_HOST, BENCH_PORT and BENCH_CA")
            }
            return value
        }
        func number(_ name: String, default standard: Int?, in range: ClosedRange<Int>) throws(Failure) -> Int
        {
            if environment(name) == nil, let standard { return standard }
            guard let value = Int(try text(name)), range.contains(value) else {
                throw Failure(
                    message: "\(name) must be a whole number in \(range.lowerBound)…\(range.upperBound)")
            }
            return value
        }
        host = try text("BENCH_HOST")
        port = UInt16(try number("BENCH_PORT", default: nil, in: 1...65535))
        authority = try text("BENCH_CA")
        count = try number("BENCH_COUNT", default: 10_000, in: 1...100_000_000)
        batch = try number("BENCH_BATCH", default: 100, in: 1...1000)
    }

    func credentials(clientID: String) -> HubCredentials {
        HubCredentials(
            host: host, port: port, clientID: clientID, userName: "", password: nil, trust: .file(authority),
            keepAlive: .seconds(60), cleanSession: true)
    }
}
