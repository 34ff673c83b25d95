// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import IoTHub
import PlugAndPlay
import Quantities
import StrictJSON
import Testing

/// The published interface files say which names, types and components exist; what is sent must not go beyond them.
@Suite("Conformance to the published DTDL") struct ModelConformanceTests {
    private struct Interface {
        var id: String
        var schemas: [String: [String: String]] = [:]

        init(_ file: String) throws {
            let url = try #require(
                Bundle.module.url(forResource: file, withExtension: "json", subdirectory: "Models"))
            let model = try JSONValue(parsing: [UInt8](try Data(contentsOf: url)))
            id = try #require(model["@id"]?.stringValue)
            for content in try #require(model["contents"]?.arrayValue) {
                let types =
                    content["@type"]?.arrayValue?.compactMap(\.stringValue) ?? [
                        content["@type"]?.stringValue ?? ""
                    ]
                let name = try #require(content["name"]?.stringValue)
                for type in types { schemas[type, default: [:]][name] = content["schema"]?.stringValue ?? "" }
            }
        }

        func expectKnown(_ value: JSONValue, as kind: String, component: Bool) {
            for (name, content) in value.objectValue ?? [:] where name != "__t" {
                guard let schema = schemas[kind]?[name] else {
                    Issue.record("\(id) has no \(kind) \(name)")
                    continue
                }
                let bare = content["value"] ?? content
                #expect(
                    schema == "string" ? bare.stringValue != nil : bare.doubleValue != nil,
                    "\(name): \(schema)")
            }
            #expect((value["__t"] == "c") == component)
        }
    }

    @Test("The announced model is the published one") func modelID() throws {
        #expect(try Interface("temperaturecontroller-2").id == TemperatureController.modelID)
    }

    @Test("Every thermostat is a component of the model") func components() throws {
        let root = try Interface("temperaturecontroller-2")
        let components = try #require(root.schemas["Component"])
        for thermostat in ThermostatID.allCases { #expect(components[thermostat.rawValue] != nil) }
        #expect(components.keys.sorted() == ["deviceInformation", "thermostat1", "thermostat2"])
    }

    @Test("deviceInformation reports all eight properties in their types") func deviceInformation() throws {
        let interface = try Interface("deviceinformation-1")
        let reported = ReportedProperties.deviceInformation(
            DeviceInformation(
                manufacturer: "Raspberry Pi", model: "4 B", swVersion: "0.1", osName: "Debian 12",
                processorArchitecture: "aarch64", processorManufacturer: "ARM", totalStorage: 31_000_000,
                totalMemory: 3_900_000))
        let component = try #require(reported["deviceInformation"])
        interface.expectKnown(component, as: "Property", component: true)
        #expect(
            Set((component.objectValue ?? [:]).keys).subtracting(["__t"])
                == Set(interface.schemas["Property"]?.keys ?? [:].keys))
    }

    @Test(
        "Thermostat properties and telemetry are in the model",
        arguments: zip(ThermostatID.allCases, ["thermostat-1", "thermostat-2"]))
    func thermostat(id: ThermostatID, file: String) throws {
        let interface = try Interface(file)
        let maximum = ReportedProperties.maximum(38.5, of: id)
        interface.expectKnown(try #require(maximum[id.rawValue]), as: "Property", component: true)
        let target = ReportedProperties.target(.completed(21.5, version: 3), of: id)
        interface.expectKnown(try #require(target[id.rawValue]), as: "Property", component: true)
        let message = Telemetry.temperature(of: id).message(21.5, simulated: false)
        #expect(message.component == id.rawValue)
        guard case .json(let body) = message.body else { throw CommandRefusal(0, "no JSON") }
        interface.expectKnown(body, as: "Telemetry", component: false)
        #expect(message.properties.isEmpty)
    }

    @Test("Root property and telemetry are in the model") func root() throws {
        let interface = try Interface("temperaturecontroller-2")
        interface.expectKnown(ReportedProperties.serialNumber("123"), as: "Property", component: false)
        let message = Telemetry.workingSet.message(12_345, simulated: true)
        #expect(message.component == nil)
        guard case .json(let body) = message.body else { throw CommandRefusal(0, "no JSON") }
        interface.expectKnown(body, as: "Telemetry", component: false)
        #expect(message.properties == [.init(name: "simulated", value: "true")])
    }
}
