// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ConfigurationFiles
import Testing

/// What a person reads for each kind of mistake, word for word.
@Suite struct ErrorTextTests {
    @Test("All mistakes of a file at once, ordered by line")
    func everything() {
        let toml = """
            [telemetry]
            intervall = "8s"
            interval = "0s"
            [hub]
            keep-alive = "20min"
            token-lifetime = true
            [sensors.living]
            driver = "tmp120"
            [sensors.Kitchen]
            driver = "tmp102"
            [sensors.hall]
            driver = "tmp102"
            bus = "header"
            address = 0x50
            offset = "warm"
            [thermostat1]
            sensor = "livin"
            [reboot]
            mode = "logins"
            [thermostat3]
            sensor = "hall"
            """
        #expect(
            complaints(toml) == [
                "/c/agent.toml:2: telemetry.intervall: There is no such key in [telemetry]. Did you mean \"interval\"?",
                "/c/agent.toml:3: telemetry.interval: Found 0s. Expected a duration from 100ms to 1d: a whole number with "
                    + "ms, s, min, h or d, for example \"8s\", or plain seconds.",
                "/c/agent.toml:5: hub.keep-alive: Found 20min. Expected a duration from 1s to 1177s in whole seconds: a whole number with "
                    + "ms, s, min, h or d, for example \"8s\", or plain seconds.",
                "/c/agent.toml:6: hub.token-lifetime: Found a truth value. Expected a duration from 5s to 1d in whole seconds: a whole "
                    + "number with ms, s, min, h or d, for example \"8s\", or plain seconds.",
                "/c/agent.toml:8: sensors.living.driver: There is no driver \"tmp120\". Did you mean \"tmp102\"?",
                "/c/agent.toml:9: sensors.Kitchen: Found the name \"Kitchen\". Expected a name of lower-case letters and "
                    + "digits, for example \"living2\".",
                "/c/agent.toml:14: sensors.hall.address: Found 0x50. tmp102 can have 0x48, 0x49, 0x4a, 0x4b.",
                "/c/agent.toml:15: sensors.hall.offset: Found a text. Expected a number from -20 to 20 °C.",
                "/c/agent.toml:17: thermostat1.sensor: There is no [sensors.livin]. Did you mean \"living\"?",
                "/c/agent.toml:19: reboot.mode: Found \"logins\". Expected \"dry-run\" or \"off\" or \"logind\" or \"command\". Did you mean "
                    + "\"logind\"?",
                "/c/agent.toml:20: thermostat3: There is no such section. Did you mean \"thermostat1\"?",
            ])
    }

    @Test(
        "One mistake, one text",
        arguments: [
            (
                "interval = 8",
                "/c/agent.toml:1: interval: There is no such key. Did you mean \"sensors.NAME.interval\"?"
            ),
            (
                "telemetry = 8",
                "/c/agent.toml:1: telemetry: Found an integer. Expected a section: [telemetry]."
            ),
            (
                "[[sensors]]\ndriver = \"x\"",
                "/c/agent.toml:1: sensors: Found an array. Expected a section: [sensors]."
            ),
            (
                "[telemetry.interval]\nx = 1",
                "/c/agent.toml:1: telemetry.interval: Found a section. Expected a duration from 100ms to 1d: a whole number "
                    + "with ms, s, min, h or d, for example \"8s\", or plain seconds."
            ),
            (
                "[sensors.a]\nbus = \"header\"",
                "/c/agent.toml:1: sensors.a.driver: It is not set. Set driver in [sensors.a], or "
                    + "SENSOR_AGENT_SENSORS_A_DRIVER."
            ),
            (
                "[sensors.a]\ndriver = \"ds18b20\"\nid = \"10-0316a279fcff\"",
                "/c/agent.toml:3: sensors.a.id: Found \"10-0316a279fcff\". The ids of ds18b20 begin with 28-."
            ),
            (
                "[sensors.a]\ndriver = \"ds18b20\"\nid = \"28-0316a279fcff\"\nbus = \"header\"",
                "/c/agent.toml:4: sensors.a.bus: It does not belong here: ds18b20 is a 1-Wire chip. Give id instead."
            ),
            (
                "[sensors.a]\ndriver = \"aht20\"\nbus = \"header\"\n[sensors.b]\ndriver = \"aht20\"\nbus = \"header\"",
                "/c/agent.toml:4: sensors.b: It is the same chip as sensors.a. Give each chip one section; two "
                    + "thermostats may name the same sensor."
            ),
            (
                "[sensors.a]\ndriver = \"hwmon\"\nchannel = \"temp2\"",
                "/c/agent.toml:1: sensors.a.name: It is not set. Set name, or bus and address of the chip, in [sensors.a]."
            ),
            (
                "[sensors.a]\ndriver = \"iio\"\nbus = \"header\"",
                "/c/agent.toml:1: sensors.a.address: It is not set. Set address in [sensors.a], or "
                    + "SENSOR_AGENT_SENSORS_A_ADDRESS."
            ),
            (
                "[sensors.a]\ndriver = \"iio\"\naddress = 0x76\nname = \"bme280\"",
                "/c/agent.toml:1: sensors.a.bus: It is not set. Set bus in [sensors.a], or SENSOR_AGENT_SENSORS_A_BUS."
            ),
            (
                "[sensors.a]\ndriver = \"hwmon\"\nname = 5",
                "/c/agent.toml:3: sensors.a.name: Found an integer. Expected a text of 1 to 64 printable characters."
            ),
            (
                "[sensors.a]\ndriver = \"hwmon\"\nname = \"nvme\"\nchannel = \"temp\"",
                "/c/agent.toml:4: sensors.a.channel: Found \"temp\". Expected temp or humidity with a number, for example "
                    + "\"temp2\"."
            ),
            (
                "[sensors.a]\ndriver = \"iio\"\nname = \"bme280\"\nchannel = \"in_temp_input\"",
                "/c/agent.toml:4: sensors.a.channel: Found \"in_temp_input\". Expected temp, humidityrelative or pressure, "
                    + "where needed with a number or word, for example \"temp_ambient\"."
            ),
            (
                "[sensors.a]\ndriver = \"iio\"\nname = \"bme280\"\nchannel = \"../temp\"",
                "/c/agent.toml:4: sensors.a.channel: Found \"../temp\". Expected a channel such as \"temp2\", "
                    + "\"humidity1\" or \"temp_ambient\"."
            ),
            (
                "[sensors.a]\ndriver = \"hwmon\"\nname = \"x\"\nwhen-held = \"kernel\"",
                "/c/agent.toml:4: sensors.a.when-held: It does not belong here: hwmon is for devices of kernel drivers. "
                    + "Leave it out."
            ),
            (
                "[sensors.a]\ndriver = \"hwmon\"\ntype = \"cpu-thermal\"\nname = \"x\"",
                "/c/agent.toml:3: sensors.a.type: It does not belong here: hwmon is for devices of kernel drivers. Give "
                    + "name, or bus and address, instead."
            ),
            (
                "[sensors.a]\ndriver = \"thermal_zone\"",
                "/c/agent.toml:1: sensors.a.type: It is not set. Set type in [sensors.a], or SENSOR_AGENT_SENSORS_A_TYPE."
            ),
            (
                "[sensors.a]\ndriver = \"thermal_zone\"\ntype = \"cpu\"\nname = \"cpu\"",
                "/c/agent.toml:4: sensors.a.name: It does not belong here: thermal_zone is for thermal zones. Give type "
                    + "instead."
            ),
            (
                "[sensors.a]\ndriver = \"aht20\"\nbus = \"header\"\nchannel = \"temp1\"",
                "/c/agent.toml:4: sensors.a.channel: It does not belong here: aht20 is an I²C chip. Leave it out."
            ),
            (
                "[sensors.a]\ndriver = \"aht20\"\nbus = \"header\"\nwhen-held = \"force\"",
                "/c/agent.toml:4: sensors.a.when-held: Found \"force\". Expected \"kernel\"."
            ),
            (
                "[sensors.a]\ndriver = \"ds18b20\"\nid = \"28-0316a279fcff\"\nwhen-held = \"kernel\"",
                "/c/agent.toml:4: sensors.a.when-held: It does not belong here: ds18b20 is a 1-Wire chip. Leave it out."
            ),
            (
                "[sensors.a]\ndriver = \"thermal_zone\"\ntype = \"cpu\"\n[sensors.b]\ndriver = \"thermal_zone\"\n"
                    + "type = \"cpu\"",
                "/c/agent.toml:4: sensors.b: It is the same chip as sensors.a. Give each chip one section; two "
                    + "thermostats may name the same sensor."
            ),
            (
                "[board]\nname = \"a\"\nfile = \"b\"",
                "/c/agent.toml:2: board.name: board.file is set too, at /c/agent.toml:3. Keep one of them."
            ),
            (
                "[thermostat1]\nsensor = \"a\"",
                "/c/agent.toml:2: thermostat1.sensor: There is no [sensors.a]. Add that section, or leave the key out."
            ),
            (
                "hub.keep-alive = \"1500ms\"",
                "/c/agent.toml:1: hub.keep-alive: Found 1500ms. Expected whole seconds."
            ),
            (
                "x = 2026-01-01",
                "/c/agent.toml:1: The value is neither a text in quotation marks nor a number, true or false. Compare it "
                    + "with the example in docs/configuration.md."
            ),
            (
                "[log]\nlevel = \"info\"\n[log]",
                "/c/agent.toml:3: It is not valid TOML: Error while parsing table header: cannot redefine existing table "
                    + "'log'. Texts need quotation marks, and every key may stand only once."
            ),
            (
                "[device]\nserial-number = \"a\\u001b[31m\"",
                "/c/agent.toml:2: device.serial-number: Found \"a\\u{1b}[31m\". Expected a text of 1 to 128 printable "
                    + "characters."
            ),
        ])
    func oneMistake(toml: String, text: String) {
        #expect(complaints(toml) == [text])
    }

    @Test("A wrong variable and a wrong flag are named")
    func environmentAndFlags() {
        #expect(
            complaints(
                nil,
                environment: ["SENSOR_AGENT_TELEMETRY_INTERVALL": "8s", "SENSOR_AGENT_LOG_LEVEL": "loud"])
                == [
                    "environment variable SENSOR_AGENT_LOG_LEVEL: log.level: Found \"loud\". Expected \"trace\" or "
                        + "\"debug\" or \"info\" or \"notice\" or \"warning\" or \"error\" or \"critical\".",
                    "environment variable SENSOR_AGENT_TELEMETRY_INTERVALL: There is no such variable. Did you mean "
                        + "\"SENSOR_AGENT_TELEMETRY_INTERVAL\"?",
                ])
        #expect {
            try load(
                nil,
                overrides: [.init(path: "telemetry.interval", value: "soon", flag: "--telemetry-interval")])
        } throws: { error in
            "\(error)".hasPrefix(
                "--telemetry-interval: telemetry.interval: Found \"soon\". Expected a duration")
        }
    }

    @Test("A variable that is like no other gets no long list")
    func farVariable() {
        #expect(
            complaints(nil, environment: ["SENSOR_AGENT_X": "1"]) == [
                "environment variable SENSOR_AGENT_X: There is no such variable. The known ones are in "
                    + "docs/configuration.md."
            ])
    }

    @Test("A file that is not UTF-8 is refused at its line")
    func encoding() {
        #expect {
            try BoardDescription.parse(Array("name = \"a\"\n# ".utf8) + [0xE9, 0x0A], file: "b.toml")
        } throws: { error in
            "\(error)" == "b.toml:2: This line is not UTF-8. Save the file as UTF-8."
        }
    }

    @Test("A file that --config names must exist")
    func absentFile() {
        let sources = ConfigurationSources(configFile: "/none.toml", drivers: testDrivers)
        #expect {
            try AgentConfiguration.load(sources, files: MemoryFiles())
        } throws: { error in
            "\(error)" == "/none.toml: It cannot be read: there is no such file. Check the path."
        }
    }

    @Test("A bad value hidden by a better layer is still an error")
    func hiddenValue() {
        #expect(
            complaints("log.level = \"loud\"", environment: ["SENSOR_AGENT_LOG_LEVEL": "info"]).count == 1)
    }
}
