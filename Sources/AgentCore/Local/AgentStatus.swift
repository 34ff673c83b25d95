// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
package import StrictJSON

/// What the running agent says of itself as a whole.
package struct AgentStatus: Sendable, Hashable {
    /// The program's version.
    package var version: String
    /// How long the program has been running.
    package var uptime: Duration
    /// Whether every sensor is simulated.
    package var isSimulated: Bool
    /// The connection to the hub.
    package var hub: Hub
    /// The messages that wait for the hub.
    package var outbox: Outbox
    /// Whether the clock is right; `nil` from an agent that does not say.
    package var clock: Clock?
    /// What was used of the hub's messages today; `nil` from an agent that does not say.
    package var messages: MessageAccount.Statement?
    /// Whether the disk answers; `nil` from an agent that does not say.
    package var disk: Disk?
    /// The device's certificate; `nil` where a key proves the device, or the agent does not say.
    package var certificate: Certificate?
    /// The sensors, ordered as configured.
    package var sensors: [SensorReport]
    /// The thermostats.
    package var thermostats: [ThermostatReport]

    /// The connection to the hub.
    package struct Hub: Sendable, Hashable {
        /// The state, a word.
        package var state: String
        /// Why it is in that state, a sentence for people; may be empty.
        package var reason: String
        /// How long it has been in that state, where that is known.
        package var age: Duration?
        /// The hub's host name, once known.
        package var host: String?
        /// The device id, once known.
        package var deviceID: String?

        /// Describes a connection.
        package init(
            state: String, reason: String, age: Duration? = nil, host: String? = nil, deviceID: String? = nil
        ) {
            self.state = state
            self.reason = reason
            self.age = age
            self.host = host
            self.deviceID = deviceID
        }
    }

    /// The messages that wait for the hub.
    package struct Outbox: Sendable, Hashable {
        /// How many wait, those set aside too.
        package var waiting: Int
        /// How many had to give way since the start.
        package var dropped: Int
        /// How many rest because they end connections.
        package var aside = 0
        /// How many the hub has taken since the start.
        package var sent = 0
        /// How many were given up since the start because they can never be sent.
        package var refused = 0
        /// Why what waits is less durable than promised, a sentence for people.
        package var trouble: String?

        /// Describes an outbox.
        package init(
            waiting: Int, dropped: Int, aside: Int = 0, sent: Int = 0, refused: Int = 0,
            trouble: String? = nil
        ) {
            self.waiting = waiting
            self.dropped = dropped
            self.aside = aside
            self.sent = sent
            self.refused = refused
            self.trouble = trouble
        }

        var json: JSONValue {
            var json: JSONValue = [
                "waiting": .int(Int64(waiting)), "dropped": .int(Int64(dropped)), "aside": .int(Int64(aside)),
                "sent": .int(Int64(sent)), "refused": .int(Int64(refused)),
            ]
            json["trouble"] = trouble.map(JSONValue.string)
            return json
        }

        init?(json: JSONValue?) {
            func count(_ name: String) -> Int? { json?[name]?.intValue.map(Int.init(clamping:)) }
            guard let waiting = count("waiting"), let dropped = count("dropped"), let aside = count("aside"),
                let sent = count("sent"), let refused = count("refused")
            else { return nil }
            self.init(
                waiting: waiting, dropped: dropped, aside: aside, sent: sent, refused: refused,
                trouble: json?["trouble"]?.stringValue)
        }
    }

    /// Puts a status together.
    package init(
        version: String, uptime: Duration, isSimulated: Bool, hub: Hub, outbox: Outbox, clock: Clock?,
        messages: MessageAccount.Statement?, disk: Disk? = nil, certificate: Certificate? = nil,
        sensors: [SensorReport], thermostats: [ThermostatReport]
    ) {
        self.version = version
        self.uptime = uptime
        self.isSimulated = isSimulated
        self.hub = hub
        self.outbox = outbox
        self.clock = clock
        self.messages = messages
        self.disk = disk
        self.certificate = certificate
        self.sensors = sensors
        self.thermostats = thermostats
    }
}

extension AgentStatus {
    /// The status as scripts and the local socket see it; times are in seconds.
    package var json: JSONValue {
        var hub: JSONValue = ["state": .string(self.hub.state), "reason": .string(self.hub.reason)]
        hub["age"] = self.hub.age?.json
        hub["host"] = self.hub.host.map(JSONValue.string)
        hub["deviceId"] = self.hub.deviceID.map(JSONValue.string)
        var json: JSONValue = [
            "version": .string(version), "uptime": uptime.json,
            "source": .string(isSimulated ? "simulated" : "hardware"), "hub": hub,
            "outbox": outbox.json,
            "sensors": .array(sensors.map(\.json)), "thermostats": .array(thermostats.map(\.json)),
        ]
        json["clock"] = clock?.json
        json["messages"] = messages?.json
        json["disk"] = disk?.json
        json["certificate"] = certificate?.json
        return json
    }

    /// Reads what ``json`` wrote; `nil` for anything else.
    package init?(json: JSONValue) {
        guard let version = json["version"]?.stringValue, let uptime = Duration(json: json["uptime"]),
            let source = json["source"]?.stringValue, ["simulated", "hardware"].contains(source),
            let state = json["hub"]?["state"]?.stringValue, let reason = json["hub"]?["reason"]?.stringValue,
            let outbox = Outbox(json: json["outbox"]),
            let sensors = ReadRequest.reports(json), let thermostats = WhyRequest.reports(json)
        else { return nil }
        self.init(
            version: version, uptime: uptime, isSimulated: source == "simulated",
            hub: Hub(
                state: state, reason: reason, age: Duration(json: json["hub"]?["age"]),
                host: json["hub"]?["host"]?.stringValue, deviceID: json["hub"]?["deviceId"]?.stringValue),
            outbox: outbox, clock: Clock(json: json["clock"]),
            messages: MessageAccount.Statement(json: json["messages"]), disk: Disk(json: json["disk"]),
            certificate: Certificate(json: json["certificate"]), sensors: sensors, thermostats: thermostats)
    }
}
