// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import HardwareIO
import Quantities
import SensorDrivers
package import StrictJSON

extension ScanReport {
    /// The report as programs read it: `adapters`, `oneWire` and `kernelSensors`, addresses as `"0x48"`.
    ///
    /// The `status` of a chip is `ok`, `ambiguous`, `unknown`, `notAskable`, `held`, `inUse` or `error`.
    package var json: JSONValue {
        [
            "adapters": .array(adapters.map(\.json)),
            "oneWire": .array(oneWire.map { $0.finding.json.merging(["id": .string($0.id)]) }),
            "kernelSensors": .array(kernelSensors.map(\.json)),
        ]
    }

    /// Reads what ``json`` writes; members that it does not know are passed over.
    package init(json: JSONValue) throws(ScanReportError) {
        adapters = try json.list("adapters") { value throws(ScanReportError) in try Adapter(json: value) }
        oneWire = try json.list("oneWire") { value throws(ScanReportError) in
            OneWireDevice(id: try value.text("id"), finding: try Finding(json: value))
        }
        kernelSensors = try json.list("kernelSensors") { value throws(ScanReportError) in
            try KernelDevice(json: value)
        }
    }
}

/// Why a JSON value is no report of a scan.
package struct ScanReportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member that is missing or wrong.
    package var member: String

    /// The text that people read.
    package var description: String {
        "It is no report of a scan: \"\(member)\" is missing or has a wrong value."
    }
}

extension ScanReport.Adapter {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "number": .int(Int64(number)), "name": .string(name), "device": .string(deviceFile),
            "chips": .array(chips.map { $0.finding.json.merging(["address": .address($0.address)]) }),
        ]
        json["controller"] = controller.map { .string($0) }
        json["problem"] = problem.map { ["kind": .string($0.kind), "text": .string($0.text)] }
        return json
    }

    fileprivate init(json: JSONValue) throws(ScanReportError) {
        guard let number = json["number"]?.intValue.flatMap({ Int(exactly: $0) }) else {
            throw ScanReportError(member: "number")
        }
        self.init(
            number: number, name: try json.text("name"), controller: json["controller"]?.stringValue,
            deviceFile: try json.text("device"))
        chips = try json.list("chips") { value throws(ScanReportError) in
            ScanReport.Chip(try value.address("address"), try ScanReport.Finding(json: value))
        }
        if let problem = json["problem"] {
            self.problem = ScanReport.Problem(kind: try problem.text("kind"), text: try problem.text("text"))
        }
    }
}

extension ScanReport.Finding {
    fileprivate var json: JSONValue {
        switch self {
        case .identified(.known(let chip)): return ["status": "ok", "chip": .string(chip)]
        case .identified(.ambiguous(let chip, let others)):
            return [
                "status": "ambiguous", "chip": .string(chip), "others": .array(others.map { .string($0) }),
            ]
        case .unknown(let reason): return ["status": "unknown", "reason": .string(reason)]
        case .notAskable(let reason): return ["status": "notAskable", "reason": .string(reason)]
        case .held(let driver):
            var json: JSONValue = ["status": "held"]
            json["driver"] = driver.map { .string($0) }
            return json
        case .inUse(let sensor): return ["status": "inUse", "sensor": .string(sensor.text)]
        case .failed(let problem):
            return ["status": "error", "error": .string(problem.kind), "reason": .string(problem.text)]
        }
    }

    fileprivate init(json: JSONValue) throws(ScanReportError) {
        switch try json.text("status") {
        case "ok": self = .identified(.known(try json.text("chip")))
        case "ambiguous":
            let others = try json.list("others") { value throws(ScanReportError) in
                guard let text = value.stringValue else { throw ScanReportError(member: "others") }
                return text
            }
            self = .identified(.ambiguous(try json.text("chip"), others: others))
        case "unknown": self = .unknown(reason: try json.text("reason"))
        case "notAskable": self = .notAskable(reason: try json.text("reason"))
        case "held": self = .held(driver: json["driver"]?.stringValue)
        case "inUse": self = .inUse(SensorName(try json.text("sensor")))
        case "error":
            self = .failed(
                ScanReport.Problem(kind: try json.text("error"), text: try json.text("reason")))
        default: throw ScanReportError(member: "status")
        }
    }
}

extension ScanReport.KernelDevice {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "kind": .string(kind.rawValue), "attributes": .array(attributes.map { .string($0) }),
        ]
        json["name"] = name.map { .string($0) }
        json["adapter"] = adapter.map { .int(Int64($0)) }
        json["address"] = address.map { .address($0) }
        return json
    }

    fileprivate init(json: JSONValue) throws(ScanReportError) {
        guard let kind = Kind(rawValue: try json.text("kind")) else { throw ScanReportError(member: "kind") }
        let attributes = try json.list("attributes") { value throws(ScanReportError) in
            guard let text = value.stringValue else { throw ScanReportError(member: "attributes") }
            return text
        }
        self.init(
            kind: kind, name: json["name"]?.stringValue,
            adapter: json["adapter"]?.intValue.flatMap { Int(exactly: $0) },
            address: json["address"] == nil ? nil : try json.address("address"), attributes: attributes)
    }
}

extension JSONValue {
    fileprivate static func address(_ address: UInt8) -> JSONValue { .string(hexadecimal(address)) }

    fileprivate func merging(_ members: [String: JSONValue]) -> JSONValue {
        .object((objectValue ?? [:]).merging(members) { $1 })
    }

    fileprivate func text(_ member: String) throws(ScanReportError) -> String {
        guard let text = self[member]?.stringValue else { throw ScanReportError(member: member) }
        return text
    }

    fileprivate func address(_ member: String) throws(ScanReportError) -> UInt8 {
        let text = try text(member)
        guard text.hasPrefix("0x"), let address = UInt8(text.dropFirst(2), radix: 16) else {
            throw ScanReportError(member: member)
        }
        return address
    }

    fileprivate func list<Element>(
        _ member: String, _ element: (JSONValue) throws(ScanReportError) -> Element
    ) throws(ScanReportError) -> [Element] {
        guard let values = self[member]?.arrayValue else { throw ScanReportError(member: member) }
        var elements: [Element] = []
        for value in values { elements.append(try element(value)) }
        return elements
    }
}

/// `address` as people and the configuration write it, for example `0x48`.
func hexadecimal(_ address: UInt8) -> String {
    let digits = String(address, radix: 16)
    return "0x\(digits.count < 2 ? "0" : "")\(digits)"
}
