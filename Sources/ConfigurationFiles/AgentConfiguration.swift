// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// All facts of one installation, checked: what `agent.toml`, the environment and the flags say together.
///
/// It holds no key or token that printing, interpolating or dumping it could show.
package struct AgentConfiguration: Sendable {
    /// The hub to talk to; `nil` where nothing of a hub is configured.
    @Boxed package var hub: HubConfiguration?
    /// What is sent, and how often.
    package var telemetry: TelemetryConfiguration
    /// The configured sensors, ordered by name; empty where the simulated ones are to be used.
    package var sensors: [SensorConfiguration]
    /// Whether lines of the real world are driven.
    package var outputs: OutputsConfiguration
    /// The model's component `thermostat1`.
    @Boxed package var thermostat1: ThermostatConfiguration
    /// The model's component `thermostat2`.
    @Boxed package var thermostat2: ThermostatConfiguration
    /// When the clock is believed.
    package var clock: ClockConfiguration
    /// What the command `reboot` does.
    @Boxed package var reboot: RebootConfiguration
    /// What the device says of itself.
    package var device: DeviceConfiguration
    /// Which board file holds.
    package var board: BoardConfiguration
    /// Where durable state is kept.
    @Boxed package var store: StoreConfiguration
    /// How much is logged.
    package var log: LogConfiguration
    /// Where the kernel's trees are.
    package var host: HostConfiguration
    /// The file that was read; `nil` where there was none.
    package var file: String?
    /// Every key of the schema that has a value, ordered by key path, with where it comes from.
    package var settings: [EffectiveSetting]

    /// Makes the configuration of an installation without file, environment and flags.
    package init() {
        hub = nil
        telemetry = TelemetryConfiguration()
        sensors = []
        outputs = OutputsConfiguration()
        thermostat1 = ThermostatConfiguration()
        thermostat2 = ThermostatConfiguration()
        clock = ClockConfiguration()
        reboot = RebootConfiguration()
        device = DeviceConfiguration()
        board = BoardConfiguration()
        store = StoreConfiguration()
        log = LogConfiguration()
        host = HostConfiguration()
        settings = []
    }

    /// Where the value of `path` comes from, for example of `telemetry.interval`; `.default` where nobody set it.
    package func origin(of path: KeyPathText) -> ConfigurationOrigin {
        settings.first { $0.path == path }?.origin ?? .default
    }
}

/// `[telemetry]`: what is sent, and how often.
package struct TelemetryConfiguration: Sendable, Hashable {
    /// `telemetry.interval`: time between two telemetry rounds; 0.1 s…1 day, default 8 s.
    package var interval: Duration
    /// `telemetry.replay-rate`: messages a second of those that had to wait; 0.1…1000, default 10.
    package var replayRate: Double

    /// Makes the section from its values.
    package init(interval: Duration = .seconds(8), replayRate: Double = 10) {
        self.interval = interval
        self.replayRate = replayRate
    }
}

/// `[clock]`: when the clock is believed.
package struct ClockConfiguration: Sendable, Hashable {
    /// `clock.sync-wait`: how long after the boot a time service may take; 0 s…1 h, default 2 min.
    package var syncWait: Duration

    /// Makes the section from its values.
    package init(syncWait: Duration = .seconds(120)) { self.syncWait = syncWait }
}

/// `[device]`: what the device says of itself.
package struct DeviceConfiguration: Sendable, Hashable {
    /// `device.serial-number`: overrides what the machine says; 1…128 printable characters.
    package var serialNumber: String?

    /// Makes the section from its values.
    package init(serialNumber: String? = nil) { self.serialNumber = serialNumber }
}

/// `[board]`: which board file holds; at most one of both is set.
package struct BoardConfiguration: Sendable, Hashable {
    /// `board.file`: path of a board file, made relative to the configuration file's folder.
    package var file: String?
    /// `board.name`: name of a shipped board file without `.toml`.
    package var name: String?

    /// Makes the section from its values.
    package init(file: String? = nil, name: String? = nil) {
        self.file = file
        self.name = name
    }
}

/// `[store]`: where durable state is kept.
package struct StoreConfiguration: Sendable, Hashable {
    /// `store.directory`; `nil` where unset: then ``StandardDirectories/state(environment:)`` holds.
    package var directory: String?
    /// `store.sync-interval`: how much a power cut may cost; 1 s…1 h, default 60 s.
    package var syncInterval: Duration
    /// `store.max-megabytes`: room for messages that wait; 1…4096, default 32.
    package var maximumMegabytes: Int
    /// `store.max-age`: how long messages wait; 1 h…366 days, default 7 days.
    package var maximumAge: Duration

    /// Makes the section from its values.
    package init(
        directory: String? = nil, syncInterval: Duration = .seconds(60), maximumMegabytes: Int = 32,
        maximumAge: Duration = .seconds(7 * 86_400)
    ) {
        self.directory = directory
        self.syncInterval = syncInterval
        self.maximumMegabytes = maximumMegabytes
        self.maximumAge = maximumAge
    }
}

/// `[log]`: how much is logged.
package struct LogConfiguration: Sendable, Hashable {
    /// The levels, most talkative first; the words are those of swift-log.
    package enum Level: String, Sendable, Hashable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// `log.level`: the least important level that is written; default `info`.
    package var level: Level

    /// Makes the section from its values.
    package init(level: Level = .info) { self.level = level }
}

/// `[host]`: where the kernel's trees are; other values than the defaults are for tests.
package struct HostConfiguration: Sendable, Hashable {
    /// `host.sysfs-root`: default `/sys`.
    package var sysfsRoot: String
    /// `host.device-root`: default `/dev`.
    package var deviceRoot: String
    /// `host.proc-root`: where the boot id is read below; default `/proc`.
    package var procRoot: String

    /// Makes the section from its values.
    package init(sysfsRoot: String = "/sys", deviceRoot: String = "/dev", procRoot: String = "/proc") {
        self.sysfsRoot = sysfsRoot
        self.deviceRoot = deviceRoot
        self.procRoot = procRoot
    }
}
