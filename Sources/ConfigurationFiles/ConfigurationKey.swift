// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// One key of `agent.toml`: what it takes, its default and its names in the environment.
package struct ConfigurationKey: Sendable {
    /// The key path; `*` stands for a name that the operator chooses.
    package let path: [String]
    let kind: ValueKind
    /// The default as people write it; `nil` where there is none.
    package let defaultText: String?
    /// Microsoft's sample name in the environment; `nil` where the sample has none.
    package let sampleVariable: String?
    /// One sentence without a full stop.
    package let summary: String

    init(
        _ path: String, _ kind: ValueKind, default defaultText: String? = nil, sample: String? = nil,
        _ summary: String
    ) {
        self.path = path.split(separator: ".").map(String.init)
        self.kind = kind
        self.defaultText = defaultText
        self.sampleVariable = sample
        self.summary = summary
    }

    /// Whether the value is a key or token that nothing prints.
    package var isSecret: Bool { kind.isSecret }
    /// The type, the forms and the range, for tables.
    package var expected: String { kind.expected }
    /// The path in writing: `sensors.NAME.driver`.
    package var pathText: String { path.map { $0 == "*" ? "NAME" : $0 }.joined(separator: ".") }

    /// The variable that sets it: the path in upper case, `.` and `-` as `_`, below `SENSOR_AGENT_`.
    package var environmentVariable: String { Self.variable(path.map { $0 == "*" ? "NAME" : $0 }) }

    /// The row of the documentation's table: key, what it takes, default, variable, meaning.
    package var tableRow: String {
        let secret = isSecret ? " **Secret.**" : ""
        let standard = defaultText ?? "none"
        return
            "| `\(pathText)` | \(kind.expectedBriefly) | \(standard) | `\(environmentVariable)` | \(summary).\(secret) |"
    }

    static let variablePrefix = "SENSOR_AGENT_"

    static func variable(_ path: [String]) -> String {
        variablePrefix
            + path.joined(separator: "_").uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }

    /// The path that the variable `name` means for this key; `nil` where it means another one.
    func concretePath(forVariable name: String) -> [String]? {
        guard let star = path.firstIndex(of: "*") else {
            return name == environmentVariable ? path : nil
        }
        let head = Self.variable(Array(path[..<star])) + "_"
        let tail = "_" + Self.variable(Array(path[(star + 1)...])).dropFirst(Self.variablePrefix.count)
        guard name.hasPrefix(head), name.hasSuffix(tail), name.utf8.count > head.utf8.count + tail.utf8.count
        else {
            return nil
        }
        let chosen = name.dropFirst(head.count).dropLast(tail.count)
        guard chosen == chosen.uppercased(), ValueKind.isName(chosen.lowercased(), dashes: false) else {
            return nil
        }
        return path.map { $0 == "*" ? chosen.lowercased() : $0 }
    }

    func matches(_ other: [String]) -> Bool {
        path.count == other.count && zip(path, other).allSatisfy { $0 == "*" || $0 == $1 }
    }
}

extension ConfigurationKey {
    /// Every key of `agent.toml`, in the order of the documentation.
    package static let all: [ConfigurationKey] =
        hub + identity + provisioning + sensors + telemetry + outputs + thermostat("thermostat1")
        + thermostat("thermostat2") + reboot + rest

    private static let hub: [ConfigurationKey] = [
        ConfigurationKey(
            "hub.security", .word(["connectionString", "DPS"]), sample: "IOTHUB_DEVICE_SECURITY_TYPE",
            "How the device finds its hub; may be left out where only one way is configured"),
        ConfigurationKey(
            "hub.connection-string", .secret, sample: "IOTHUB_DEVICE_CONNECTION_STRING",
            "The device's connection string"),
        ConfigurationKey("hub.connection-string-file", .path, "File that holds the connection string"),
        ConfigurationKey(
            "hub.ca-file", .path, default: "the system's",
            "PEM file of the certificate authorities to trust; `SSL_CERT_FILE` is used where it is unset"),
        ConfigurationKey(
            "hub.keep-alive", .duration(.seconds(1) ... .seconds(1177), whole: true), default: "60s",
            "Longest silence before a ping"),
        ConfigurationKey(
            "hub.token-lifetime", .duration(.seconds(5) ... .seconds(86_400), whole: true), default: "1h",
            "How long a token is valid"),
        ConfigurationKey(
            "hub.longest-wait", .duration(.milliseconds(100) ... .seconds(3_600), whole: false),
            default: "by cause, up to 15min",
            "Longest wait between two attempts to connect"),
        ConfigurationKey(
            "hub.tier", .word(HubConfiguration.Tier.allCases.map(\.rawValue)),
            "The hub's tier, which says how it counts messages and how many it takes on one day; told, telemetry slows down near the limit"
        ),
        ConfigurationKey(
            "hub.daily-messages", .count(1...1_000_000_000), default: "all of the tier's",
            "How many messages of the hub's day are this device's"),
        ConfigurationKey(
            "hub.extra-properties", .boolean, default: "true",
            "Whether `agentStatus` is reported, which no model describes; false takes it out of the twin"),
    ]

    private static let provisioning: [ConfigurationKey] = [
        ConfigurationKey(
            "hub.dps.endpoint", .endpoint, default: ProvisioningConfiguration.globalEndpoint.description,
            sample: "IOTHUB_DEVICE_DPS_ENDPOINT", "The provisioning service"),
        ConfigurationKey(
            "hub.dps.id-scope", .text(longest: 64), sample: "IOTHUB_DEVICE_DPS_ID_SCOPE",
            "The id scope of the provisioning service, for example `0ne00ABCDEF`"),
        ConfigurationKey(
            "hub.dps.registration-id", .registrationID, sample: "IOTHUB_DEVICE_DPS_DEVICE_ID",
            "The registration id"),
        ConfigurationKey(
            "hub.dps.device-key", .secretKey, sample: "IOTHUB_DEVICE_DPS_DEVICE_KEY",
            "The registration's own key; exactly one of the four keys is needed"),
        ConfigurationKey("hub.dps.device-key-file", .path, "File that holds the registration's own key"),
        ConfigurationKey(
            "hub.dps.group-key", .secretKey,
            "The enrollment group's key; the registration's key is derived from it"),
        ConfigurationKey("hub.dps.group-key-file", .path, "File that holds the enrollment group's key"),
    ]

    private static let sensors: [ConfigurationKey] = [
        ConfigurationKey("sensors.*.driver", .text(longest: 32), "The chip's driver"),
        ConfigurationKey(
            "sensors.*.bus", .bus,
            "The I²C bus; needed by I²C chips, one way to find a `hwmon` or `iio` device"),
        ConfigurationKey(
            "sensors.*.address", .address,
            "The chip's I²C address; needed where it can have several, and with `bus` for `hwmon` and `iio`"),
        ConfigurationKey("sensors.*.id", .oneWireID, "The 1-Wire id; needed by 1-Wire chips"),
        ConfigurationKey(
            "sensors.*.name", .text(longest: 64),
            "What the kernel driver calls itself, for `hwmon` and `iio`; instead of `bus` and `address`, or with them"
        ),
        ConfigurationKey(
            "sensors.*.channel", .channel, default: "one of each quantity",
            "Which value of a `hwmon` or `iio` device"),
        ConfigurationKey(
            "sensors.*.type", .text(longest: 64), "The type of a `thermal_zone`, for example `cpu-thermal`"),
        ConfigurationKey(
            "sensors.*.when-held", .word(["kernel"]),
            "Reads the values of the kernel driver that holds an I²C chip's address; without it a held chip is a failed sensor"
        ),
        ConfigurationKey(
            "sensors.*.offset", .number(-20...20, unit: "°C"), default: "0",
            "Degrees Celsius added to every temperature"),
        ConfigurationKey(
            "sensors.*.fallback", .word(["simulated"]),
            "What stands in for an absent chip; without it an absent chip is a failed sensor"),
        ConfigurationKey(
            "sensors.*.interval", .duration(.milliseconds(500) ... .seconds(3600), whole: false),
            default: "the agent's", "Time between two conversions"),
    ]

    private static let telemetry: [ConfigurationKey] = [
        ConfigurationKey(
            "telemetry.interval", .duration(.milliseconds(100) ... .seconds(86_400), whole: false),
            default: "8s",
            "Time between two telemetry rounds"),
        ConfigurationKey(
            "telemetry.replay-rate", .number(0.1...1_000, unit: "messages a second"), default: "10",
            "How fast messages that had to wait are sent; live ones go first"),
    ]

    private static let rest: [ConfigurationKey] = [
        ConfigurationKey(
            "clock.sync-wait", .duration(.zero ... .seconds(3_600), whole: false), default: "2min",
            "How long after the boot the first connection waits for a time service, where nothing else vouches for the clock"
        ),
        ConfigurationKey(
            "device.serial-number", .text(longest: 128), default: "the machine's",
            "The reported serial number"),
        ConfigurationKey(
            "board.name", .name(dashes: true), default: "detected", "A shipped board file by name"),
        ConfigurationKey("board.file", .path, "A board file by path; instead of `board.name`"),
        ConfigurationKey(
            "store.directory", .path, default: "`STATE_DIRECTORY`, else XDG's", "Where durable state is kept"),
        ConfigurationKey(
            "store.sync-interval", .duration(.seconds(1) ... .seconds(3_600), whole: false), default: "60s",
            "How much a power cut may cost: what is younger is kept in memory of the runtime directory only"),
        ConfigurationKey(
            "store.max-megabytes", .count(1...4_096), default: "32",
            "Room for messages that wait for the hub; the old ones are thinned, then dropped"),
        ConfigurationKey(
            "store.max-age", .duration(.seconds(3_600) ... .seconds(366 * 86_400), whole: false),
            default: "7d",
            "How long messages wait for the hub before they are dropped"),
        ConfigurationKey(
            "log.level", .word(LogConfiguration.Level.allCases.map(\.rawValue)), default: "info",
            "The least important level that is written"),
        ConfigurationKey(
            "host.sysfs-root", .path, default: "/sys", "Where sysfs is; other values are for tests"),
        ConfigurationKey("host.device-root", .path, default: "/dev", "Where device files are; for tests"),
        ConfigurationKey(
            "host.proc-root", .path, default: "/proc", "Where the kernel's boot id is; for tests"),
    ]
}
