// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import StrictJSON
import Testing

@Suite("Desired properties") struct DesiredChangeTests {
    private func changes(_ json: String) throws -> [DesiredChange] {
        DesiredChange.all(in: try #require(try JSONValue(parsing: json).objectValue))
    }

    @Test("Several components in one patch are all read, with or without the marker") func several() throws {
        let json =
            #"{"thermostat1":{"__t":"c","targetTemperature":21.5},"thermostat2":{"targetTemperature":5},"$version":3}"#
        #expect(
            try changes(json) == [.target(.thermostat1, celsius: 21.5), .target(.thermostat2, celsius: 5)])
    }

    @Test("The older wrapper of IoT Central is unwrapped") func wrapper() throws {
        let json = #"{"thermostat1":{"targetTemperature":{"value":57}}}"#
        #expect(try changes(json) == [.target(.thermostat1, celsius: 57)])
    }

    @Test(
        "A deleted target or component asks for the default",
        arguments: [
            #"{"thermostat2":{"targetTemperature":null}}"#, #"{"thermostat2":null}"#,
            #"{"thermostat2":{"targetTemperature":{"value":null}}}"#,
        ])
    func deleted(json: String) throws {
        #expect(try changes(json) == [.targetDeleted(.thermostat2)])
    }

    @Test("A target of the wrong type is malformed, never zero", arguments: ["\"21\"", "true", "[21]", "{}"])
    func malformed(value: String) throws {
        let found = try changes(#"{"thermostat1":{"targetTemperature":\#(value)}}"#)
        guard case .malformedTarget(.thermostat1, let reason)? = found.first, found.count == 1 else {
            Issue.record("\(found)")
            return
        }
        #expect(reason.contains("must be a number"))
    }

    @Test(
        "What the model does not know is ignored, and what stands beside it still counts",
        arguments: [
            #"{"fan":{"speed":1},"thermostat1":{"targetTemperature":20}}"#,
            #"{"thermostat1":{"colour":"red","targetTemperature":20}}"#,
            #"{"thermostat2":7,"thermostat1":{"targetTemperature":20}}"#,
            #"{"serialNumber":"x","thermostat1":{"targetTemperature":20}}"#,
            #"{"deviceInformation":{"model":"x"},"thermostat1":{"targetTemperature":20}}"#,
            #"{"thermostat1":{"maxTempSinceLastReboot":3,"targetTemperature":20}}"#,
        ])
    func ignored(json: String) throws {
        let found = try changes(json)
        #expect(found.contains(.target(.thermostat1, celsius: 20)))
        #expect(found.count == 2)
        #expect(found.contains { if case .ignored = $0 { true } else { false } })
    }

    @Test("Markers and versions alone ask for nothing") func markers() throws {
        #expect(try changes(#"{"$version":9,"__t":"c","thermostat1":{"__t":"c","$x":1}}"#) == [])
    }
}
