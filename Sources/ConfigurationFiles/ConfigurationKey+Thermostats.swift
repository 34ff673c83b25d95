// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ThermostatControl

extension ConfigurationKey {
    static let outputs: [ConfigurationKey] = [
        ConfigurationKey(
            "outputs.enabled", .boolean, default: "false",
            "Drives the relays' lines; without it every relay is simulated")
    ]

    /// The keys of one thermostat and its relay.
    static func thermostat(_ name: String) -> [ConfigurationKey] {
        sensors(of: name) + targets(of: name) + checks(of: name) + relay(of: name)
    }

    private static func sensors(of name: String) -> [ConfigurationKey] {
        [
            ConfigurationKey("\(name).sensor", .name(dashes: false), "The sensor of the component `\(name)`"),
            ConfigurationKey(
                "\(name).second-sensor", .name(dashes: false),
                "A sensor that checks the first; the relay goes by the one that asks for less energy"),
        ]
    }

    private static func targets(of name: String) -> [ConfigurationKey] {
        let temperatures = -40.0...125.0
        return [
            ConfigurationKey(
                "\(name).mode", .word([ThermostatMode.heat, .cool, .off].map(\.rawValue)), default: "off",
                "What the relay does where nobody has chosen by command"),
            ConfigurationKey(
                "\(name).target", .number(temperatures, unit: "°C"), default: "20",
                "The target where nobody has asked for one"),
            ConfigurationKey(
                "\(name).lowest-target", .number(temperatures, unit: "°C"),
                default: "5 with a relay, else -40", "The lowest target that is accepted"),
            ConfigurationKey(
                "\(name).highest-target", .number(temperatures, unit: "°C"),
                default: "35 with a relay, else 125", "The highest target that is accepted"),
            ConfigurationKey(
                "\(name).on-band", .number(0...10, unit: "K"), default: "0.5",
                "How far on the wrong side of the target the relay goes on"),
            ConfigurationKey(
                "\(name).off-band", .number(0...10, unit: "K"), default: "0.2",
                "How far on the other side it goes off; both bands together are at least 0.2 K"),
        ]
    }

    private static func checks(of name: String) -> [ConfigurationKey] {
        let temperatures = -100.0...150.0
        return [
            ConfigurationKey(
                "\(name).maximum-age", .duration(.seconds(1)...WatchSettings.longestAge, whole: false),
                default: "3 intervals of the sensor, 60s to 5min",
                "The relay goes off where no reading is younger"),
            ConfigurationKey(
                "\(name).lowest-temperature", .number(temperatures, unit: "°C"), default: "-20",
                "Readings below are not believed"),
            ConfigurationKey(
                "\(name).highest-temperature", .number(temperatures, unit: "°C"), default: "60",
                "Readings above are not believed"),
            ConfigurationKey(
                "\(name).maximum-rate", .number(0.01...100, unit: "K/s"), default: "2",
                "A faster change has to be confirmed by two more readings"),
            ConfigurationKey(
                "\(name).frozen-after", .duration(.seconds(600) ... .seconds(7 * 86_400), whole: false),
                default: "never",
                "A reading that stands still so long with the relay on is a fault; not for coarse sensors"),
            ConfigurationKey(
                "\(name).largest-difference", .number(0.1...50, unit: "K"), default: "2",
                "How far both sensors may differ; longer than 5 min beyond is a fault"),
            ConfigurationKey(
                "\(name).no-effect-after", .duration(.seconds(60) ... .seconds(86_400), whole: false),
                default: "30min, at most half of maximum-on",
                "The relay on for so long without 0.3 K of effect is an alarm"),
            ConfigurationKey(
                "\(name).lock-out-on-alarm", .boolean, default: "false",
                "Keeps the relay off after such an alarm until a reset"),
        ]
    }

    private static func relay(of name: String) -> [ConfigurationKey] {
        let times = Duration.seconds(1) ... .seconds(86_400)
        return [
            ConfigurationKey("\(name).relay.line", .line, "The GPIO line; needed by a relay"),
            ConfigurationKey(
                "\(name).relay.active-low", .boolean, default: "false",
                "Whether the relay is on when the level is low"),
            ConfigurationKey(
                "\(name).relay.load", .word(LoadProfile.allCases.map(\.rawValue)),
                default: LoadProfile.electricHeater.rawValue, "What hangs on it, for the times below"),
            ConfigurationKey(
                "\(name).relay.minimum-on", .duration(times, whole: false),
                default: byLoad(\.minimumOn), "Once on, it stays on so long, safety apart"),
            ConfigurationKey(
                "\(name).relay.minimum-off", .duration(times, whole: false),
                default: byLoad(\.minimumOff), "Once off, and after every start, it stays off so long"),
            ConfigurationKey(
                "\(name).relay.maximum-on", .duration(times, whole: false), default: byLoad(\.maximumOn),
                "It is never on longer; then it stays off for twice `minimum-off`"),
            ConfigurationKey(
                "\(name).relay.rated-cycles", .count(1...100_000_000), default: "100000",
                "After how many cycles its maker calls it worn"),
            ConfigurationKey(
                "\(name).relay.unsafe-line", .boolean, default: "false",
                "Takes a line that the board file marks as unsafe for a relay"),
        ]
    }

    /// The time of each load, or the one of all.
    private static func byLoad(_ time: KeyPath<GateSettings, Duration>) -> String {
        let texts = LoadProfile.allCases.map { ($0.rawValue, DurationText.text($0.gate[keyPath: time])) }
        guard Set(texts.map(\.1)).count > 1 else { return texts[0].1 }
        return texts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}
