// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ChipModels
import Dispatch
import HardwareIO
import Quantities
import Simulation
import StrictJSON
import Synchronization
import Testing

@Suite("Asking the agent for a scan", .timeLimit(.minutes(10))) struct ScanRequestTests {
    private let time = ScanTime()

    private func handler(_ bench: ScanBench) -> LocalCommands.Handler {
        ScanRequest.handler(AgentCore.Scanner(hardware: bench, time: time))
    }

    @Test("the result is the report, and the steps before it can be read") func report() async throws {
        var bench = ScanBench()
        bench.plug(.wires(VirtualI2CBus()))
        bench.ids = ["28-0316a279fcff"]
        let steps = Steps()
        let result = try await handler(bench)([:]) { steps.append($0) }
        let report = try ScanReport(json: result)
        #expect(report == (await AgentCore.Scanner(hardware: bench, time: time).scan()))
        let read = steps.all.compactMap(ScanRequest.progress)
        #expect(read.map(\.done) == Array(1...112))
        #expect(read.allSatisfy { $0.deviceFile == "/dev/i2c-0" && $0.total == 112 })
        #expect(ScanRequest.progress(["device": "/dev/i2c-0"]) == nil)
    }

    @Test("arguments are refused") func arguments() async {
        let error = await #expect(throws: LocalError.self) {
            try await handler(ScanBench())(["fast": true]) { _ in }
        }
        #expect(error?.code == .badArguments)
    }

    @Test("a second scan at the same time is refused, and a later one is not") func oneAtATime() async throws
    {
        let reached = AsyncStream<Void>.makeStream()
        let refused = DispatchSemaphore(value: 0)
        var bench = ScanBench()
        bench.plug(.wires(VirtualI2CBus()))
        let handler = handler(bench)
        async let first = handler([:]) { step in
            guard step["done"] == 1 else { return }
            reached.continuation.yield()
            refused.wait()
        }
        for await _ in reached.stream { break }
        let error = await #expect(throws: LocalError.self) { try await handler([:]) { _ in } }
        refused.signal()
        #expect(error?.code == .busy)
        _ = try await first
        _ = try await handler([:]) { _ in }
    }
}

/// Collects lines of progress.
private final class Steps: Sendable {
    private let steps = Mutex<[JSONValue]>([])
    var all: [JSONValue] { steps.withLock(\.self) }
    func append(_ step: JSONValue) { steps.withLock { $0.append(step) } }
}
