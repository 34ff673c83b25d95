// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ThermostatControl

extension Assembly {
    /// What a thermostat's keys mean for a relay only.
    private static let keysOfRelay = [
        "second-sensor", "mode", "on-band", "off-band", "maximum-age", "lowest-temperature",
        "highest-temperature", "maximum-rate", "frozen-after", "largest-difference", "no-effect-after",
        "lock-out-on-alarm",
    ]

    /// Whether somebody began that section, rightly or wrongly, empty or not.
    func hasSection(_ section: String) -> Bool {
        let path = section.split(separator: ".").map(String.init)
        return layers.values.keys.contains { $0.starts(with: path) }
            || document?.positions.lines[path] != nil
            || layers.errors.contains { $0.path.hasPrefix("\(section).") }
    }

    /// Reports keys that would do nothing: a thermostat without relay only shows a temperature and a target.
    mutating func refuseKeysOfRelay(_ name: String) {
        for key in Self.keysOfRelay {
            let path = "\(name).\(key)"
            guard let value = best(path) else { continue }
            fail(
                .conflict, at: value.origin, path, "\(name) has no relay, so this does nothing.",
                "Add [\(name).relay] with its line, or leave the key out.")
        }
    }

    /// The relay of a thermostat whose section has begun.
    mutating func relay(_ name: String) -> RelayConfiguration? {
        let path = "\(name).relay"
        let gate = gate(path)
        guard case .line(let line) = best("\(path).line")?.value else {
            missing("\(path).line", at: origin(of: path))
            return nil
        }
        var relay = RelayConfiguration(line: line)
        relay.activeLow = boolean("\(path).active-low") ?? relay.activeLow
        relay.load = load(path)
        relay.gate = gate
        relay.ratedCycles = count("\(path).rated-cycles") ?? relay.ratedCycles
        relay.acceptsUnsafeLine = boolean("\(path).unsafe-line") ?? relay.acceptsUnsafeLine
        return relay
    }

    /// Reports a line that both relays have by the same words.
    mutating func refuseSharedLine() {
        let uses = layers.lineUses
        guard uses.count == 2, uses[0].line == uses[1].line else { return }
        layers.errors.append(uses[1].repeating(uses[0]))
    }

    private func load(_ path: String) -> LoadProfile {
        text("\(path).load").flatMap(LoadProfile.init) ?? .electricHeater
    }

    private mutating func gate(_ path: String) -> GateSettings {
        let usual = load(path).gate
        let gate = GateSettings(
            minimumOn: duration("\(path).minimum-on") ?? usual.minimumOn,
            minimumOff: duration("\(path).minimum-off") ?? usual.minimumOff,
            maximumOn: duration("\(path).maximum-on") ?? usual.maximumOn)
        guard gate.maximumOn > gate.minimumOn else {
            let key = best("\(path).maximum-on") == nil ? "\(path).minimum-on" : "\(path).maximum-on"
            fail(
                .conflict, at: best(key)?.origin ?? .default, key,
                "maximum-on is \(DurationText.text(gate.maximumOn)) and minimum-on "
                    + "\(DurationText.text(gate.minimumOn)).",
                "The maximum has to be longer than the minimum.")
            return usual
        }
        return gate
    }
}
