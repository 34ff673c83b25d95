// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Quantities
import Testing
import ThermostatControl

@Suite("Thermostats and relays in agent.toml") struct ThermostatTests {
    private static let sensors = """
        [sensors.living]
        driver = "ds18b20"
        id = "28-0316a279fcff"
        [sensors.hall]
        driver = "ds18b20"
        id = "28-0316a279fcfe"

        """

    @Test("Without a relay nothing is controlled: no mode, and every target of the common sensors")
    func withoutRelay() throws {
        let configuration = try load(Self.sensors + "[thermostat1]\nsensor = \"living\"")
        #expect(configuration.outputs == OutputsConfiguration(enabled: false))
        #expect(configuration.thermostat1 == ThermostatConfiguration(sensor: SensorName("living")))
        #expect(
            configuration.thermostat1.controlSettings(period: .seconds(8), drivesRealOutput: false)
                == .withoutRelay(period: .seconds(8)))
    }

    @Test("Without a relay the targets can be set all the same")
    func targetsWithoutRelay() throws {
        let thermostat = try load("[thermostat2]\ntarget = 22\nlowest-target = 10\nhighest-target = 30")
            .thermostat2
        let settings = thermostat.controlSettings(period: .seconds(8), drivesRealOutput: false)
        #expect(settings.limits == TargetLimits(range: 10...30, siteDefault: 22))
        #expect(settings.mode == .off)
    }

    @Test("A relay with only a line is an electric heater that stays off until somebody chooses a mode")
    func relayDefaults() throws {
        let thermostat = try load(
            Self.sensors + "[thermostat1]\nsensor = \"living\"\n[thermostat1.relay]\nline = \"pin-11\""
        ).thermostat1
        let relay = try #require(thermostat.relay)
        #expect(relay.line == .board("pin-11"))
        #expect(!relay.activeLow && !relay.acceptsUnsafeLine && relay.ratedCycles == 100_000)
        let settings = thermostat.controlSettings(period: .seconds(30), drivesRealOutput: true)
        #expect(
            settings
                == ControlSettings(
                    limits: TargetLimits(range: 5...35, siteDefault: 20), mode: .off,
                    hysteresis: Hysteresis(onBand: 0.5, offBand: 0.2),
                    gate: GateSettings(
                        minimumOn: .seconds(120), minimumOff: .seconds(180), maximumOn: .seconds(14_400)),
                    watch: WatchSettings(
                        period: .seconds(30), maximumAge: .seconds(90), siteRange: -20...60, maximumRate: 2),
                    effect: EffectSettings(noEffectAfter: .seconds(1800), locksOut: false),
                    drivesRealOutput: true))
    }

    @Test("Every key of a thermostat and its relay is read")
    func everything() throws {
        let configuration = try load(
            Self.sensors + """
                [outputs]
                enabled = true
                [thermostat1]
                sensor = "living"
                second-sensor = "hall"
                mode = "cool"
                target = 4.5
                lowest-target = 2
                highest-target = 8
                on-band = 0.1
                off-band = 0.1
                maximum-age = "40s"
                lowest-temperature = -30
                highest-temperature = 45.5
                maximum-rate = 0.5
                frozen-after = "90min"
                largest-difference = 1.5
                no-effect-after = "1h"
                lock-out-on-alarm = true
                [thermostat1.relay]
                line = "pinctrl-rp1:17"
                active-low = true
                load = "compressor"
                minimum-on = "4min"
                maximum-on = "2h"
                rated-cycles = 200000
                unsafe-line = true
                """)
        #expect(configuration.outputs.enabled)
        let thermostat = configuration.thermostat1
        #expect(thermostat.sensor == SensorName("living") && thermostat.secondSensor == SensorName("hall"))
        var relay = RelayConfiguration(line: .chip("pinctrl-rp1", .offset(17)))
        relay.activeLow = true
        relay.load = .compressor
        relay.gate = GateSettings(
            minimumOn: .seconds(240), minimumOff: .seconds(300), maximumOn: .seconds(7200))
        relay.ratedCycles = 200_000
        relay.acceptsUnsafeLine = true
        #expect(thermostat.relay == relay)
        let settings = thermostat.controlSettings(
            period: .seconds(8), secondPeriod: .seconds(10), drivesRealOutput: false)
        let watch = WatchSettings(
            period: .seconds(8), maximumAge: .seconds(40), siteRange: -30...45.5, maximumRate: 0.5,
            frozenAfter: .seconds(5_400))
        var second = watch
        second.period = .seconds(10)
        #expect(
            settings
                == ControlSettings(
                    limits: TargetLimits(range: 2...8, siteDefault: 4.5), mode: .cool,
                    hysteresis: Hysteresis(onBand: 0.1, offBand: 0.1), gate: relay.gate, watch: watch,
                    second: .init(watch: second, crossCheck: CrossCheckSettings(limit: 1.5)),
                    effect: EffectSettings(noEffectAfter: .seconds(3600), locksOut: true),
                    drivesRealOutput: false))
    }

    @Test(
        "A short maximum on time leaves the relay long enough on for the check of its effect",
        arguments: [("20min", 600), ("2h", 1_800)] as [(String, Int)])
    func effectWithinOnTime(maximumOn: String, seconds: Int) throws {
        let relay = "[thermostat1]\nsensor = \"living\"\n[thermostat1.relay]\nline = \"pin-11\"\n"
        let configuration = try load(Self.sensors + relay + "maximum-on = \"\(maximumOn)\"\n")
        #expect(configuration.thermostat1.effect.noEffectAfter == .seconds(seconds))
    }

    @Test("Environment and flags set booleans, counts and lines as the file does")
    func otherLayers() throws {
        let configuration = try load(
            Self.sensors,
            environment: [
                "SENSOR_AGENT_OUTPUTS_ENABLED": "true", "SENSOR_AGENT_THERMOSTAT2_SENSOR": "hall",
                "SENSOR_AGENT_THERMOSTAT2_RELAY_LINE": "gpio3:GPIO3_C1",
            ], overrides: [.init(path: "thermostat2.relay.rated-cycles", value: "30", flag: "--set")])
        #expect(configuration.outputs.enabled)
        #expect(configuration.thermostat2.relay?.line == .chip("gpio3", .name("GPIO3_C1")))
        #expect(configuration.thermostat2.relay?.ratedCycles == 30)
        #expect(
            complaints(nil, environment: ["SENSOR_AGENT_OUTPUTS_ENABLED": "yes"]) == [
                "environment variable SENSOR_AGENT_OUTPUTS_ENABLED: outputs.enabled: Found \"yes\". Expected true or false."
            ])
    }

    @Test("Without any sensor a relay is fine, since everything is simulated then")
    func onlyRelay() throws {
        #expect(try load("[thermostat1.relay]\nline = \"pin-11\"").thermostat1.relay != nil)
    }

    @Test("A default target outside the limits moves to the nearest that is allowed")
    func limitedDefault() throws {
        #expect(try load("[thermostat1]\nlowest-target = 24").thermostat1.limits.siteDefault == 24)
    }

    /// What is wrong in `[thermostat1]`, whose lines begin at line 7; a relay follows.
    @Test(
        "Every mistake has its line and says what to do",
        arguments: [
            (
                "mode = \"hot\"",
                "8: thermostat1.mode: Found \"hot\". Expected \"heat\" or \"cool\" or \"off\"."
            ),
            (
                "second-sensor = \"living\"",
                "8: thermostat1.second-sensor: It is the sensor that it should check. Name another sensor, or leave the "
                    + "key out."
            ),
            (
                "second-sensor = \"hal\"",
                "8: thermostat1.second-sensor: There is no [sensors.hal]. Did you mean \"hall\"?"
            ),
            (
                "largest-difference = 1",
                "8: thermostat1.largest-difference: There is no second sensor that could differ. Set second-sensor, or "
                    + "leave the key out."
            ),
            (
                "target = 40",
                "8: thermostat1.target: Found 40 °C. Expected 5 to 35 °C; lowest-target and highest-target set that."
            ),
            (
                "lowest-target = 36",
                "8: thermostat1.lowest-target: thermostat1.lowest-target is 36 °C and thermostat1.highest-target 35 °C. "
                    + "The lowest has to be below the highest."
            ),
            (
                "lowest-temperature = 61",
                "8: thermostat1.lowest-temperature: thermostat1.lowest-temperature is 61 °C and "
                    + "thermostat1.highest-temperature 60 °C. The lowest has to be below the highest."
            ),
            (
                "highest-target = 70",
                "8: thermostat1.highest-temperature: Readings are believed from -20 to 60 °C, and with the bands around "
                    + "highest-target, 70 °C, the relay is switched at 70.5 °C. Let all of that lie within what is believed."
            ),
            (
                "lowest-target = -20\noff-band = 0.6",
                "8: thermostat1.lowest-temperature: Readings are believed from -20 to 60 °C, and with the bands around "
                    + "lowest-target, -20 °C, the relay is switched at -20.6 °C. Let all of that lie within what is believed."
            ),
            (
                "on-band = 0.1\noff-band = 0.05",
                "9: thermostat1.off-band: Both bands together are 0.15 K. They have to be 0.2 K or more: the noise of a "
                    + "sensor would switch the relay."
            ),
            (
                "frozen-after = \"4h\"",
                "8: thermostat1.frozen-after: The relay would have to be on for 4h, and maximum-on is 4h. Let it be "
                    + "shorter than maximum-on, else it never is an alarm."
            ),
            (
                "no-effect-after = \"5h\"",
                "8: thermostat1.no-effect-after: The relay would have to be on for 5h, and maximum-on is 4h. Let it be "
                    + "shorter than maximum-on, else it never is an alarm."
            ),
            (
                "maximum-age = \"8s\"",
                "8: thermostat1.maximum-age: living is read every 8s, and a reading is believed for 8s. Read it three "
                    + "times in that time or more often: see its interval, and maximum-age."
            ),
            (
                "maximum-age = \"6min\"",
                "8: thermostat1.maximum-age: Found 6min. Expected a duration from 1s to 5min: a whole number with ms, s, "
                    + "min, h or d, for example \"8s\", or plain seconds."
            ),
            (
                "lock-out-on-alarm = \"true\"",
                "8: thermostat1.lock-out-on-alarm: Found a text. Expected true or false."
            ),
            (
                "maximum-rate = 0",
                "8: thermostat1.maximum-rate: Found 0. Expected a number from 0.01 to 100 K/s."
            ),
        ])
    func mistake(section: String, text: String) {
        let toml =
            Self.sensors
            + "[thermostat1]\n\(section)\nsensor = \"living\"\n[thermostat1.relay]\nline = \"pin-11\""
        #expect(complaints(toml) == ["/c/agent.toml:\(text)"])
    }

    @Test(
        "Every mistake of a relay has its line and says what to do",
        arguments: [
            (
                "",
                "9: thermostat1.relay.line: It is not set. Set line in [thermostat1.relay], or "
                    + "SENSOR_AGENT_THERMOSTAT1_RELAY_LINE."
            ),
            (
                "line = \"Pin 11\"",
                "10: thermostat1.relay.line: Found \"Pin 11\". Expected a line of the board file such as \"pin-11\", or "
                    + "\"CHIP:NAME\" or \"CHIP:OFFSET\" by the chip's label."
            ),
            (
                "line = \"pin-11\"\nload = \"kettle\"",
                "11: thermostat1.relay.load: Found \"kettle\". Expected \"electric-heater\" or \"boiler\" or "
                    + "\"compressor\"."
            ),
            (
                "line = \"pin-11\"\nload = \"boiler\"\nmaximum-on = \"4min\"",
                "12: thermostat1.relay.maximum-on: maximum-on is 4min and minimum-on 4min. The maximum has to be longer "
                    + "than the minimum."
            ),
            (
                "line = \"pin-11\"\nminimum-on = \"5h\"",
                "11: thermostat1.relay.minimum-on: maximum-on is 4h and minimum-on 5h. The maximum has to be longer than "
                    + "the minimum."
            ),
            (
                "line = \"pin-11\"\nminimum-off = 0",
                "11: thermostat1.relay.minimum-off: Found 0. Expected a duration from 1s to 1d: a whole number with ms, "
                    + "s, min, h or d, for example \"8s\", or plain seconds."
            ),
            (
                "line = \"pin-11\"\nrated-cycles = 1.5",
                "11: thermostat1.relay.rated-cycles: Found a floating-point number. Expected a whole number from 1 to "
                    + "100000000."
            ),
            (
                "line = \"pin-11\"\n[thermostat2]\nsensor = \"hall\"\n[thermostat2.relay]\nline = \"pin-11\"",
                "14: thermostat2.relay.line: thermostat1.relay.line is the same line, at /c/agent.toml:10. Give each "
                    + "relay a line of its own."
            ),
            (
                "line = \"pin-11\"\n[thermostat2.relay]\nline = \"pin-12\"",
                "11: thermostat2.sensor: A relay needs a sensor. Set sensor in [thermostat2] to one of: hall, living."
            ),
        ])
    func relayMistake(relay: String, text: String) {
        let toml = Self.sensors + "[thermostat1]\nsensor = \"living\"\n[thermostat1.relay]\n\(relay)"
        #expect(complaints(toml) == ["/c/agent.toml:\(text)"])
    }

    @Test("A sensor that is read more rarely than a reading is believed cannot drive a relay")
    func rareSensor() {
        let toml = """
            [sensors.living]
            driver = "ds18b20"
            id = "28-0316a279fcff"
            interval = "5min"
            [thermostat1]
            sensor = "living"
            """
        #expect(complaints(toml) == [])
        #expect(
            complaints(toml + "\n[thermostat1.relay]\nline = \"pin-11\"") == [
                "/c/agent.toml:4: sensors.living.interval: living is read every 5min, and a reading is believed for 5min. "
                    + "Read it three times in that time or more often: see its interval, and maximum-age."
            ])
    }

    @Test(
        "What only a relay needs is refused without one",
        arguments: [
            "second-sensor = \"hall\"", "mode = \"heat\"", "on-band = 1", "off-band = 1",
            "maximum-age = \"1min\"", "lowest-temperature = 0", "highest-temperature = 50",
            "maximum-rate = 1", "frozen-after = \"1h\"", "largest-difference = 1",
            "no-effect-after = \"1h\"", "lock-out-on-alarm = true",
        ])
    func keyOfRelay(key: String) {
        let name = key.prefix { $0 != " " }
        #expect(
            complaints(Self.sensors + "[thermostat1]\n\(key)") == [
                "/c/agent.toml:8: thermostat1.\(name): thermostat1 has no relay, so this does nothing. Add "
                    + "[thermostat1.relay] with its line, or leave the key out."
            ])
    }
}
