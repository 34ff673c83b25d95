// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
package import StrictJSON

extension SensorReport {
    /// The report as scripts and the local socket see it.
    ///
    /// What is not known is left out. Times are in seconds.
    package var json: JSONValue {
        var json: JSONValue = [
            "name": .string(name.text), "driver": .string(driver),
            "source": .string(isSimulated ? "simulated" : "hardware"), "interval": .double(interval.seconds),
            "measurements": .array(measurements.map(\.json)),
            "counts": [
                "samples": .int(Int64(counts.samples)), "failures": .int(Int64(counts.failures)),
                "unanswered": .int(Int64(counts.unanswered)),
            ],
        ]
        json["place"] = place.map(JSONValue.string)
        json["age"] = age.map { .double(Double($0.milliseconds) / 1_000) }
        if let failure {
            json["failure"] = [
                "kind": .string(failure.kind.rawValue), "message": .string(failure.text),
                "inARow": .int(Int64(failure.inARow)),
            ]
        }
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let driver = json["driver"]?.stringValue,
            let source = json["source"]?.stringValue, ["simulated", "hardware"].contains(source),
            let interval = json["interval"]?.doubleValue.flatMap(Duration.init(bounded:)),
            let list = json["measurements"]?.arrayValue,
            let counts = json["counts"].flatMap(Counts.init(json:))
        else { return nil }
        self.init(
            name: SensorName(name),
            source: .hardware(driver: driver, place: json["place"]?.stringValue ?? ""), interval: interval)
        place = json["place"]?.stringValue
        isSimulated = source == "simulated"
        measurements = list.compactMap(Measurement.init(json:))
        age = json["age"]?.doubleValue.flatMap(Duration.init(bounded:))
        failure = json["failure"].flatMap(Failure.init(json:))
        self.counts = counts
        let isFailureLost = failure == nil && json["failure"] != nil
        guard measurements.count == list.count, !isFailureLost else { return nil }
    }
}

extension SensorReport.Counts {
    fileprivate init?(json: JSONValue) {
        guard let samples = json["samples"]?.intValue, let failures = json["failures"]?.intValue,
            let unanswered = json["unanswered"]?.intValue
        else { return nil }
        self.init()
        self.samples = Int(clamping: samples)
        self.failures = Int(clamping: failures)
        self.unanswered = Int(clamping: unanswered)
    }
}

extension SensorReport.Failure {
    fileprivate init?(json: JSONValue) {
        guard let kind = json["kind"]?.stringValue.flatMap(SensorErrorKind.init),
            let text = json["message"]?.stringValue, let inARow = json["inARow"]?.intValue
        else { return nil }
        self.init(kind: kind, text: text, inARow: Int(clamping: inARow))
    }
}

extension Measurement {
    /// A value with its unit, quality and flags, or the kind of its failure.
    package var json: JSONValue {
        var json: JSONValue = [
            "quantity": .string(quantity.rawValue), "unit": .string(quantity.unitSymbol),
        ]
        switch value {
        case .success(let number): json["value"] = .double(number)
        case .failure(let kind):
            json["error"] = .string(kind.rawValue)
            return json
        }
        switch quality {
        case .good: json["quality"] = "good"
        case .suspect(let reason):
            json["quality"] = "suspect"
            json["reason"] = .string(reason.rawValue)
        }
        json["flags"] = .array(flags.map(\.rawValue).sorted().map(JSONValue.string))
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let quantity = json["quantity"]?.stringValue.flatMap(Quantity.init) else { return nil }
        if let kind = json["error"]?.stringValue.flatMap(SensorErrorKind.init) {
            self.init(quantity, failed: kind)
            return
        }
        guard let value = json["value"]?.doubleValue, let quality = Quality(json: json),
            let list = json["flags"]?.arrayValue
        else { return nil }
        let flags = list.compactMap { $0.stringValue.flatMap(MeasurementFlag.init) }
        guard flags.count == list.count else { return nil }
        self.init(quantity, value, quality: quality, flags: Set(flags))
    }
}

extension Quality {
    fileprivate init?(json: JSONValue) {
        switch json["quality"]?.stringValue {
        case "good": self = .good
        case "suspect":
            guard let reason = json["reason"]?.stringValue.flatMap(SuspectReason.init) else { return nil }
            self = .suspect(reason)
        default: return nil
        }
    }
}

extension Duration {
    /// Seconds from a text that may hold anything; `nil` for what is no time from 0 to a thousand years.
    fileprivate init?(bounded seconds: Double) {
        guard (0...3.2e10).contains(seconds) else { return nil }
        self = .milliseconds(Int64(seconds * 1_000))
    }
}
