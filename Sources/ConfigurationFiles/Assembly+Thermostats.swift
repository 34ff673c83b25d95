// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import ThermostatControl

extension Assembly {
    /// A thermostat with its relay; `configuration` has the sensors already.
    mutating func thermostat(
        _ name: String, in configuration: AgentConfiguration
    ) -> ThermostatConfiguration {
        var thermostat = ThermostatConfiguration(sensor: thermostatSensor("\(name).sensor"))
        let hasRelay = hasSection("\(name).relay")
        thermostat.limits = limits(name, hasRelay ? .withRelay : .withoutRelay)
        guard hasRelay else {
            refuseKeysOfRelay(name)
            return thermostat
        }
        thermostat.relay = relay(name)
        requireSensor(name)
        thermostat.secondSensor = secondSensor(name, besides: thermostat.sensor)
        thermostat.mode = text("\(name).mode").flatMap(ThermostatMode.init) ?? thermostat.mode
        thermostat.hysteresis = hysteresis(name)
        thermostat.maximumAge = duration("\(name).maximum-age")
        thermostat.siteRange = siteRange(
            name, thermostat.siteRange, around: thermostat.limits.range, thermostat.hysteresis)
        thermostat.maximumRate = number("\(name).maximum-rate") ?? thermostat.maximumRate
        thermostat.frozenAfter = duration("\(name).frozen-after")
        thermostat.largestDifference = number("\(name).largest-difference") ?? thermostat.largestDifference
        thermostat.effect.noEffectAfter = duration("\(name).no-effect-after")
        if let maximumOn = thermostat.relay?.gate.maximumOn { watchOnTime(name, &thermostat, maximumOn) }
        thermostat.effect.locksOut = boolean("\(name).lock-out-on-alarm") ?? thermostat.effect.locksOut
        for sensor in configuration.sensors
        where [thermostat.sensor, thermostat.secondSensor].contains(sensor.name) {
            checkAge(name, thermostat.watch(configuration.samplingInterval(of: sensor)), sensor.name)
        }
        return thermostat
    }

    private mutating func secondSensor(_ name: String, besides first: SensorName?) -> SensorName? {
        let path = "\(name).second-sensor"
        guard let origin = best(path)?.origin else {
            if let value = best("\(name).largest-difference") {
                fail(
                    .conflict, at: value.origin, "\(name).largest-difference",
                    "There is no second sensor that could differ.", "Set second-sensor, or leave the key out."
                )
            }
            return nil
        }
        guard let second = thermostatSensor(path) else { return nil }
        guard second != first else {
            fail(
                .conflict, at: origin, path, "It is the sensor that it should check.",
                "Name another sensor, or leave the key out.")
            return nil
        }
        return second
    }

    /// Reports a relay without a sensor; without any sensor at all everything is simulated, and that is fine.
    private mutating func requireSensor(_ name: String) {
        let path = "\(name).sensor"
        let known = (layers.chosenNames["sensors"] ?? []).sorted()
        let isReported = layers.errors.contains { $0.path == path }
        guard !known.isEmpty, best(path) == nil, !isReported else { return }
        fail(
            .missing, at: origin(of: "\(name).relay"), path, "A relay needs a sensor.",
            "Set sensor in [\(name)] to one of: \(known.joined(separator: ", ")).")
    }

    private mutating func limits(_ name: String, _ usual: TargetLimits) -> TargetLimits {
        let (lowest, highest) = ("\(name).lowest-target", "\(name).highest-target")
        guard let range = range(lowest, highest, usual.range) else { return usual }
        let path = "\(name).target"
        if let value = best(path), let target = number(path), !range.contains(target) {
            fail(
                .outOfRange, at: value.origin, path, "Found \(shortest(target)) °C.",
                "Expected \(Self.text(range)); lowest-target and highest-target set that.")
        }
        return TargetLimits(range: range, siteDefault: number(path) ?? usual.siteDefault)
    }

    /// What is believed; reports targets at which the relay would be switched by what is not.
    private mutating func siteRange(
        _ name: String, _ usual: ClosedRange<Double>, around targets: ClosedRange<Double>,
        _ hysteresis: Hysteresis
    ) -> ClosedRange<Double> {
        let (lowest, highest) = ("\(name).lowest-temperature", "\(name).highest-temperature")
        guard let range = range(lowest, highest, usual) else { return usual }
        // The mode may be chosen by command, and each has its bands on the other side.
        let band = max(hysteresis.onBand, hysteresis.offBand)
        for (path, target, end) in [
            (lowest, targets.lowerBound, targets.lowerBound - band),
            (highest, targets.upperBound, targets.upperBound + band),
        ] where !range.contains(end) {
            let limit = path == lowest ? "lowest-target" : "highest-target"
            fail(
                .conflict, at: (best(path) ?? best("\(name).\(limit)"))?.origin ?? .default, path,
                "Readings are believed from \(Self.text(range)), and with the bands around \(limit), "
                    + "\(shortest(target)) °C, the relay is switched at \(shortest(end)) °C.",
                "Let all of that lie within what is believed.")
        }
        return range
    }

    /// Two keys in order with their defaults; reports them where they are not.
    private mutating func range(
        _ lowest: String, _ highest: String, _ usual: ClosedRange<Double>
    ) -> ClosedRange<Double>? {
        let low = number(lowest) ?? usual.lowerBound
        let high = number(highest) ?? usual.upperBound
        guard low < high else {
            let path = best(highest) == nil ? lowest : highest
            fail(
                .conflict, at: best(path)?.origin ?? .default, path,
                "\(lowest) is \(shortest(low)) °C and \(highest) \(shortest(high)) °C.",
                "The lowest has to be below the highest.")
            return nil
        }
        return low...high
    }

    private mutating func hysteresis(_ name: String) -> Hysteresis {
        let usual = Hysteresis()
        let (on, off) = ("\(name).on-band", "\(name).off-band")
        let bands = Hysteresis(onBand: number(on) ?? usual.onBand, offBand: number(off) ?? usual.offBand)
        let width = bands.onBand + bands.offBand
        // A sum of decimal fractions may come out a little less than it reads.
        guard width >= Hysteresis.smallestWidth - 1e-9 else {
            let path = best(off) == nil ? on : off
            fail(
                .conflict, at: best(path)?.origin ?? .default, path,
                "Both bands together are \(shortest((width * 1000).rounded() / 1000)) K.",
                "They have to be \(shortest(Hysteresis.smallestWidth)) K or more: the noise of a sensor would switch "
                    + "the relay.")
            return usual
        }
        return bands
    }

    /// Reports checks that need the relay on for longer than it ever is; what nobody has set is fitted to that.
    private mutating func watchOnTime(
        _ name: String, _ thermostat: inout ThermostatConfiguration, _ maximumOn: Duration
    ) {
        for (key, time) in [
            ("frozen-after", thermostat.frozenAfter), ("no-effect-after", thermostat.effect.noEffectAfter),
        ] {
            let path = "\(name).\(key)"
            guard let time, time >= maximumOn, let origin = best(path)?.origin else { continue }
            fail(
                .conflict, at: origin, path,
                "The relay would have to be on for \(DurationText.text(time)), and maximum-on is "
                    + "\(DurationText.text(maximumOn)).",
                "Let it be shorter than maximum-on, else it never is an alarm.")
        }
        let usual = EffectSettings().noEffectAfter.map { min($0, maximumOn / 2) }
        thermostat.effect.noEffectAfter = thermostat.effect.noEffectAfter ?? usual
    }

    /// Reports a sensor whose readings would be too old before the next one comes.
    private mutating func checkAge(_ name: String, _ watch: WatchSettings, _ sensor: SensorName) {
        guard watch.maximumAge <= watch.period else { return }
        let own = "\(name).maximum-age"
        let path = best(own) == nil ? "sensors.\(sensor).interval" : own
        fail(
            .conflict, at: best(path)?.origin ?? .default, path,
            "\(sensor) is read every \(DurationText.text(watch.period)), and a reading is believed for "
                + "\(DurationText.text(watch.maximumAge)).",
            "Read it three times in that time or more often: see its interval, and maximum-age.")
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        "\(shortest(range.lowerBound)) to \(shortest(range.upperBound)) °C"
    }
}
