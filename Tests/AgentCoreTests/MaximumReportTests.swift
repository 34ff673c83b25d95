// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Testing

@Suite("Report of the maximum") struct MaximumReportTests {
    private let start = ContinuousClock.now

    @Test("The first is told at once, a rise at most once a minute, and nothing twice") func rhythm() {
        var report = MaximumReport()
        #expect(report.take(at: start) == nil)
        report.raise(to: 20)
        #expect(report.take(at: start) == 20)
        #expect(report.take(at: start.advanced(by: .seconds(100))) == nil)
        report.raise(to: 21)
        #expect(report.take(at: start.advanced(by: .seconds(59))) == nil)
        report.raise(to: 19)
        #expect(report.take(at: start.advanced(by: .seconds(60))) == 21)
        report.raise(to: 22)
        #expect(report.take(at: start.advanced(by: .seconds(61)), ignoringInterval: true) == 22)
    }
}
