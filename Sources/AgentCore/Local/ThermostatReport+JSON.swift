// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PlugAndPlay
import Quantities
package import StrictJSON
import ThermostatControl

extension ThermostatReport {
    /// The report as scripts and the local socket see it.
    ///
    /// What is not known is left out. Temperatures are in °C, times in seconds.
    package var json: JSONValue {
        var json: JSONValue = [
            "name": .string(id.rawValue), "sentence": .string(sentence), "state": .string(state.rawValue),
            "reason": .string(reason), "target": .double(target), "mode": .string(mode.rawValue),
            "limits": ["low": .double(limits.lowerBound), "high": .double(limits.upperBound)],
            "faults": .array(faults.map(\.json)),
        ]
        json["remaining"] = remaining?.json
        json["sensor"] = sensor.map { .string($0.text) }
        json["second"] = second.map { .string($0.text) }
        json["reading"] = reading.map { ["celsius": .double($0.celsius), "age": $0.age.json] }
        json["celsius"] = celsius.map(JSONValue.double)
        json["band"] = band.map { ["on": .double($0.on), "off": .double($0.off)] }
        json["latch"] = latch.map(JSONValue.string)
        json["relay"] = relay?.json
        json["lastChange"] = lastChange.map { ["age": $0.age.json, "cause": .string($0.cause)] }
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let id = json["name"]?.stringValue.flatMap(ThermostatID.init),
            let sentence = json["sentence"]?.stringValue, let reason = json["reason"]?.stringValue,
            let state = json["state"]?.stringValue.flatMap(ThermostatState.init),
            let mode = json["mode"]?.stringValue.flatMap(ThermostatMode.init),
            let target = json["target"]?.doubleValue, let low = json["limits"]?["low"]?.doubleValue,
            let high = json["limits"]?["high"]?.doubleValue, low <= high,
            let list = json["faults"]?.arrayValue
        else { return nil }
        self.id = id
        self.sentence = sentence
        self.state = state
        self.reason = reason
        self.target = target
        self.mode = mode
        limits = low...high
        faults = list.compactMap(FaultReport.init(json:))
        remaining = Duration(json: json["remaining"])
        sensor = json["sensor"]?.stringValue.map { SensorName($0) }
        second = json["second"]?.stringValue.map { SensorName($0) }
        reading = json["reading"].flatMap(Measured.init(json:))
        celsius = json["celsius"]?.doubleValue
        band = json["band"].flatMap(Decision.Band.init(json:))
        latch = json["latch"]?.stringValue
        relay = json["relay"].flatMap(Relay.init(json:))
        lastChange = json["lastChange"].flatMap(Change.init(json:))
        let isSomethingLost =
            (reading == nil && json["reading"] != nil) || (relay == nil && json["relay"] != nil)
            || (band == nil && json["band"] != nil) || faults.count != list.count
        if isSomethingLost { return nil }
    }
}

extension ThermostatReport.Measured {
    fileprivate init?(json: JSONValue) {
        guard let celsius = json["celsius"]?.doubleValue, let age = Duration(json: json["age"]) else {
            return nil
        }
        self.init(celsius: celsius, age: age)
    }
}

extension ThermostatReport.Change {
    fileprivate init?(json: JSONValue) {
        guard let cause = json["cause"]?.stringValue, let age = Duration(json: json["age"]) else {
            return nil
        }
        self.init(age: age, cause: cause)
    }
}

extension Decision.Band {
    fileprivate init?(json: JSONValue) {
        guard let on = json["on"]?.doubleValue, let off = json["off"]?.doubleValue else { return nil }
        self.init(on: on, off: off)
    }
}

extension ThermostatReport.Relay {
    fileprivate var json: JSONValue {
        var json: JSONValue = [
            "line": .string(line), "output": .string(isReal ? "real" : "simulated"),
            "commandedOn": .bool(isCommandedOn), "cycles": .int(Int64(cycles)), "onTime": onTime.json,
            "wear": .double(wear),
        ]
        json["readsOn"] = readBack.map(JSONValue.bool)
        return json
    }

    fileprivate init?(json: JSONValue) {
        guard let line = json["line"]?.stringValue, let output = json["output"]?.stringValue,
            ["real", "simulated"].contains(output), let isOn = json["commandedOn"]?.boolValue,
            let cycles = json["cycles"]?.intValue, let onTime = Duration(json: json["onTime"]),
            let wear = json["wear"]?.doubleValue
        else { return nil }
        self.init(
            line: line, isReal: output == "real", isCommandedOn: isOn, readBack: json["readsOn"]?.boolValue,
            cycles: Int(clamping: cycles), onTime: onTime, wear: wear)
    }
}
