// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import Quantities
import SensorDrivers
import StrictJSON
import TestClocks
import Testing

@Suite("Reports of sensors") struct SensorReportTests {
    private let start = ContinuousClock.now
    private let results = LatestResults()
    private let setup = SensorSetup(
        name: SensorName("living"), source: .hardware(driver: "sht31", place: "adapter \"a\" address 0x44"),
        bus: "b", interval: .seconds(8), open: { _ throws(SensorError) in throw SensorError(.notFound, "") })

    private func now(after duration: Duration = .zero) -> Now {
        Now(monotonic: start.advanced(by: duration), wall: nil, wallIsTrusted: false)
    }

    private func reading(_ measurements: [Measurement], source: Source? = nil) -> Reading {
        Reading(
            sensor: setup.name, measurements: measurements, source: source ?? setup.source, takenAt: now())
    }

    private func report(after duration: Duration = .zero) throws -> SensorReport {
        try #require(results.reports([setup], at: now(after: duration)).first)
    }

    @Test("Before the first sample there is neither value nor failure") func none() throws {
        let report = try report()
        #expect(report.measurements.isEmpty && report.age == nil && report.failure == nil)
        #expect(!report.hasValue && report.counts.samples == 0)
        #expect(report.place == "adapter \"a\" address 0x44" && !report.isSimulated)
    }

    @Test("A reading is reported with its age") func age() throws {
        results.record(reading([Measurement(.temperature, 21.5), Measurement(.relativeHumidity, 40)]))
        let report = try report(after: .milliseconds(1_500))
        #expect(report.age == .milliseconds(1_500))
        #expect(report.hasValue)
        #expect(report.measurements.map(\.goodValue) == [21.5, 40])
    }

    @Test("A failure takes the place of the reading before it, and the next reading that of the failure")
    func failure() throws {
        results.record(reading([Measurement(.temperature, 21.5)]))
        results.record(SensorError(.crcMismatch, "a wrong checksum"), of: setup.name, inARow: 1)
        var report = try report()
        #expect(report.measurements.isEmpty && report.age == nil && !report.hasValue)
        #expect(report.failure?.kind == .crcMismatch && report.failure?.text.contains("checksum") == true)
        results.record(reading([Measurement(.temperature, 22)]))
        report = try self.report()
        #expect(report.failure == nil && report.hasValue)
        #expect(report.counts.samples == 3 && report.counts.failures == 1 && report.counts.unanswered == 0)
    }

    @Test("A stand-in's reading is shown beside the failure, marked as simulated") func standIn() throws {
        results.record(SensorError(.notFound, "nobody there"), of: setup.name, inARow: 3)
        results.record(
            standIn: reading([Measurement(.temperature, 20)], source: .simulated(driver: "tmp102")))
        let report = try report()
        #expect(report.isSimulated && report.measurements.first?.goodValue == 20)
        #expect(report.failure?.inARow == 3 && !report.hasValue)
        #expect(report.driver == "sht31")
    }

    @Test("A chip that is read through its kernel driver is reported with that one and its place")
    func relocated() throws {
        let place = "hwmon device of the chip at adapter \"a\" address 0x44"
        results.record(
            reading(
                [Measurement(.temperature, 20)], source: .hardware(driver: "hwmon", place: place)))
        let report = try report()
        #expect(report.driver == "hwmon" && report.place == place && report.hasValue)
        results.record(SensorError(.busError, "nothing"), of: setup.name, inARow: 1)
        #expect(try self.report().driver == "sht31")
    }

    @Test("The JSON is as documented") func json() throws {
        results.record(
            SensorError(.notReady, "no value may be passed on"), of: setup.name, inARow: 2,
            isUnanswered: true,
            doubtful: reading([
                Measurement(.temperature, 85, quality: .suspect(.possiblePowerOnValue)),
                Measurement(.relativeHumidity, failed: .crcMismatch),
                Measurement(.pressure, 101_325, flags: [.saturated]),
            ]))
        let text = try report(after: .seconds(2)).json.text
        #expect(
            text == """
                {"age":2.0,"counts":{"failures":1,"samples":1,"unanswered":1},"driver":"sht31",\
                "failure":{"inARow":2,"kind":"not_ready","message":"no value may be passed on (not_ready)"},\
                "interval":8.0,"measurements":[{"flags":[],"quality":"suspect","quantity":"temperature",\
                "reason":"power_on_value","unit":"°C","value":85.0},{"error":"crc_mismatch",\
                "quantity":"relativeHumidity","unit":"%RH"},{"flags":["saturated"],"quality":"good",\
                "quantity":"pressure","unit":"Pa","value":101325.0}],"name":"living",\
                "place":"adapter \\"a\\" address 0x44","source":"hardware"}
                """)
    }

    @Test("What was sent is read back the same") func roundTrip() throws {
        var reports = [try report()]
        results.record(
            reading(
                Quantity.allCases.map { Measurement($0, -1.25, flags: [.humidityClamped, .saturated]) }
                    + SensorErrorKind.allCases.map { Measurement(.temperature, failed: $0) }))
        reports.append(try report(after: .milliseconds(1)))
        results.record(SensorError(.busError, "text \"\n°"), of: setup.name, inARow: 7, isUnanswered: true)
        reports.append(try report())
        results.record(
            standIn: reading(
                [Measurement(.temperature, 1e-9, quality: .suspect(.implausible))],
                source: .simulated(driver: "x")))
        reports.append(try report(after: .seconds(3_600)))
        let line = LocalReply.result(ReadRequest.json(reports)).line
        guard case .result(let result)? = LocalReply(line: line) else {
            Issue.record("no result")
            return
        }
        #expect(ReadRequest.reports(result) == reports)
    }

    @Test(
        "A report that lacks something or holds the unknown is not understood, and no text ends the program")
    func broken() throws {
        results.record(reading([Measurement(.temperature, 21.5)]))
        let good = try report().json
        #expect(SensorReport(json: good) != nil)
        for name in ["name", "driver", "source", "interval", "measurements", "counts"] {
            var copy = good
            copy[name] = nil
            #expect(SensorReport(json: copy) == nil, "\(name)")
        }
        let members: [(String, JSONValue)] = [
            ("interval", -1), ("interval", 1e300), ("source", "elsewhere"),
            ("measurements", [["quantity": "x"]]),
            ("measurements", [["quantity": "temperature", "value": 1]]), ("failure", ["kind": "?"]),
            ("counts", ["samples": 1e300]),
        ]
        for (name, value) in members {
            var copy = good
            copy[name] = value
            #expect(SensorReport(json: copy) == nil, "\(name) \(value)")
        }
    }

    @Test("The request read gives all reports and takes no arguments") func request() async throws {
        var commands = LocalCommands()
        commands.register(
            ReadRequest.command,
            ReadRequest.handler(setups: [setup], results: results, time: VirtualTime()))
        results.record(SensorError(.notFound, "nobody there"), of: setup.name, inARow: 1)
        let lines = AsyncStream<[UInt8]>.makeStream()
        await commands.answer(LocalRequest("read").line) { lines.continuation.yield($0) }
        await commands.answer(LocalRequest("read", ["sensor": "living"]).line) {
            lines.continuation.yield($0)
        }
        lines.continuation.finish()
        var replies: [LocalReply?] = []
        for await line in lines.stream { replies.append(LocalReply(line: line)) }
        #expect(replies.count == 2)
        guard case .result(let result)?? = replies.first, case .error(let error)?? = replies.last else {
            Issue.record("\(replies)")
            return
        }
        #expect(ReadRequest.reports(result)?.first?.failure?.kind == .notFound)
        #expect(error.code == .badArguments)
    }
}
