// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import HardwareIO
import Quantities
import SensorDrivers
import StrictJSON
import Testing

@Suite("The report of a scan") struct ScanReportTests {
    private static let everything = ScanReport(
        adapters: [
            .init(
                number: 1, name: "bcm2835 (i2c@7e804000)", controller: "fe804000.i2c",
                deviceFile: "/dev/i2c-1",
                chips: [
                    .init(0x08, .unknown(reason: "no chip that is known here has this address")),
                    .init(0x38, .notAskable(reason: "The adapter speaks SMBus only.")),
                    .init(0x44, .failed(.init(kind: "timedOut", text: "It hangs."))),
                    .init(0x48, .identified(.ambiguous("tmp102", others: ["tmp112"]))),
                    .init(0x49, .inUse(SensorName("living"))), .init(0x50, .held(driver: "at24")),
                    .init(0x51, .held(driver: nil)), .init(0x76, .identified(.known("bme280"))),
                ]),
            .init(
                number: 20, name: "\"odd\\name\"", deviceFile: "/dev/i2c-20",
                problem: .init(kind: "permission", text: "Members of group i2c may use it.")),
        ],
        oneWire: [
            .init(id: "28-0316a279fcff", finding: .identified(.known("ds18b20"))),
            .init(id: "01-000017fa2b3c", finding: .unknown(reason: "it is no thermometer")),
        ],
        kernelSensors: [
            .init(kind: .hwmon, name: "tmp102", adapter: 1, address: 0x4A, attributes: ["temp1_input"]),
            .init(kind: .thermal, name: nil, attributes: []),
        ])

    @Test("comes back from its JSON as it was") func roundTrip() throws {
        for report in [Self.everything, ScanReport()] {
            #expect(try ScanReport(json: try JSONValue(parsing: report.json.encoded())) == report)
        }
    }

    @Test("has the members that programs look for") func members() throws {
        let json = Self.everything.json
        let chip = try #require(json["adapters"]?[0]?["chips"]?[3])
        #expect(
            chip == ["address": "0x48", "status": "ambiguous", "chip": "tmp102", "others": ["tmp112"]])
        #expect(json["adapters"]?[0]?["chips"]?[0]?["address"] == "0x08")
        #expect(json["adapters"]?[1]?["problem"]?["kind"] == "permission")
        #expect(json["oneWire"]?[0] == ["id": "28-0316a279fcff", "status": "ok", "chip": "ds18b20"])
        #expect(json["kernelSensors"]?[0]?["address"] == "0x4a")
    }

    @Test("is refused with the member that is missing or wrong, whichever it is") func damaged() throws {
        try expectRefusals(of: Self.everything.json) { $0 ?? .null }
    }

    /// Takes every needed member out, one at a time, at every depth.
    private func expectRefusals(of json: JSONValue, _ whole: (JSONValue?) -> JSONValue) throws {
        let optional: Set<String> = ["controller", "problem", "driver", "name", "adapter", "address"]
        for (name, value) in json.objectValue ?? [:] {
            if !optional.contains(name) || json["status"] != nil && name == "address" {
                var damaged = json
                damaged[name] = nil
                let error = #expect(throws: ScanReportError.self) { try ScanReport(json: whole(damaged)) }
                #expect(error?.description.contains("\"\(name)\"") == true)
            }
            for index in (value.arrayValue ?? []).indices {
                try expectRefusals(of: value[index] ?? .null) { inner in
                    var elements = value.arrayValue ?? []
                    elements[index] = inner ?? .null
                    var outer = json
                    outer[name] = .array(elements)
                    return whole(outer)
                }
            }
        }
    }
}
