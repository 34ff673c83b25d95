// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import Synchronization

/// What the scan of one adapter has found so far; it can be looked at while the adapter's thread is stuck.
final class AdapterFindings: Sendable {
    private struct State {
        var report: ScanReport.Adapter
        var address: UInt8?
        var hasEnded = false
    }

    private let state: Mutex<State>

    init(_ adapter: I2CAdapter) {
        state = Mutex(
            State(
                report: ScanReport.Adapter(
                    number: adapter.number, name: adapter.name, controller: adapter.controller,
                    deviceFile: adapter.deviceFile)))
    }

    /// The address that is asked from now on.
    func begin(_ address: UInt8) { state.withLock { $0.address = address } }

    /// Adds what is at an address.
    func add(_ address: UInt8, _ finding: ScanReport.Finding) {
        state.withLock { $0.report.chips.append(ScanReport.Chip(address, finding)) }
    }

    /// The scan has come to its end, or cannot go on for `problem`.
    func end(_ problem: ScanReport.Problem? = nil) {
        state.withLock { state in
            state.hasEnded = true
            state.report.problem = problem
        }
    }

    /// All that is known by now; a scan that has not ended is one that hangs.
    func report(limit: Duration) -> ScanReport.Adapter {
        state.withLock { state in
            var report = state.report
            guard !state.hasEnded else { return report }
            let place = state.address.map { "at address \(hexadecimal($0))" } ?? "while it was opened"
            report.problem = ScanReport.Problem(
                kind: BusError.Kind.timedOut.rawValue,
                text: """
                    The scan did not come to its end within \(limit.components.seconds) s; \(place) the bus hangs or is \
                    very slow. \(ScanReport.Problem.stuckAdvice)
                    """)
            return report
        }
    }
}

extension ScanReport.Problem {
    static let stuckAdvice =
        "Check wiring, pull-ups and supply, switch the chips off and on, and scan again."

    /// The problem that a bus error is.
    init(_ error: BusError) {
        self.init(kind: error.kind.rawValue, text: "\(error)")
    }

    /// The scan was ended by whoever started it.
    static let cancelled = ScanReport.Problem(
        kind: "cancelled", text: "The scan was stopped before its end. Scan again to see the rest.")

    /// Two addresses one after another did not answer in time, so it is not one chip.
    static func stuck(_ error: BusError) -> ScanReport.Problem {
        ScanReport.Problem(
            kind: error.kind.rawValue, text: "The bus hangs, a line may be held low: \(error) \(stuckAdvice)")
    }

    /// No address was acknowledged and every one failed.
    static func silent(_ error: BusError) -> ScanReport.Problem {
        ScanReport.Problem(
            kind: error.kind.rawValue,
            text: """
                The adapter reports a failure for every address: \(error) Either nothing is connected, or it does not \
                work. \(stuckAdvice)
                """)
    }
}
