// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import PackageDescription

/// One set of language switches for every Swift target.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "sensor-agent",
    products: [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What was measured: unit-safe values, readings with quality, source and time; `Now`.
        .target(name: "Quantities", swiftSettings: strict),
        // Keys and tokens that cannot be printed.
        .target(name: "Secrets", swiftSettings: strict),
        // What hardware can do: protocols and errors for I2C, 1-Wire, sysfs and GPIO; no system call.
        .target(name: "HardwareIO", dependencies: ["Quantities"], swiftSettings: strict),
        // One file per chip plus the driver catalog.
        .target(name: "SensorDrivers", dependencies: ["Quantities", "HardwareIO"], swiftSettings: strict),
        // Decides from readings, settings and time: pure values, no task, no clock.
        .target(name: "ThermostatControl", dependencies: ["Quantities"], swiftSettings: strict),
        // Reads and checks board files and `agent.toml`; resolves names to buses, adapters and lines.
        .target(
            name: "Configuration",
            dependencies: ["Quantities", "Secrets", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: strict),
        // HMAC of the system's libcrypto, which libmosquitto loads anyway.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // Hub and DPS protocol without transport: topics, tokens, twin, commands, session, back-off.
        .target(
            name: "IoTHub", dependencies: ["COpenSSL", "Quantities", "Secrets", logging],
            swiftSettings: strict),
        // Maps readings and settings to model components, telemetry, commands and property acks.
        .target(name: "PlugAndPlay", dependencies: ["Quantities", "IoTHub"], swiftSettings: strict),
        // eventfd and poll, which Swift's Glibc module lacks in part.
        .systemLibrary(name: "CEventFD"),
        // One thread that runs actors' jobs and waits on a descriptor between them.
        .target(name: "ThreadExecutor", dependencies: ["CEventFD"], swiftSettings: strict),
        // SQLite's C API.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // What outlives the process: targets, twin versions, confirmed reports, maxima; SQLite.
        .target(name: "StateStore", dependencies: ["Quantities", "CSQLite"], swiftSettings: strict),
        // Wires sampling, control and cloud into services; the outside world is given to it.
        .target(
            name: "AgentCore",
            dependencies: [
                "Quantities", "HardwareIO", "SensorDrivers", "ThermostatControl", "IoTHub", "PlugAndPlay",
                "StateStore", "ThreadExecutor", logging, lifecycle,
            ], swiftSettings: strict),
        // System calls that Swift's Glibc module does not offer.
        .target(name: "CLinuxHost"),
        // The machine: clocks, boot id, facts, working set, signals, service manager, instance lock.
        .target(name: "LinuxHost", dependencies: ["Quantities", "CLinuxHost"], swiftSettings: strict),
        // C: libi2c, the ioctl numbers of i2c-dev, and wrappers for what Swift cannot call.
        .target(name: "CLinuxI2C", linkerSettings: [.linkedLibrary("i2c")]),
        // The only code that opens buses and lines.
        .target(
            name: "LinuxIO", dependencies: ["Quantities", "HardwareIO", "CLinuxI2C"], swiftSettings: strict),
        // libmosquitto.
        .systemLibrary(
            name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        // Carries `IoTHub` bytes over libmosquitto.
        .target(
            name: "MosquittoTransport", dependencies: ["CMosquitto", "IoTHub", "Secrets", "ThreadExecutor"],
            swiftSettings: strict),
        // Scripted buses for tests; chip models exact on the wire and rooms for `--simulate`.
        .target(name: "Simulation", dependencies: ["Quantities", "HardwareIO"], swiftSettings: strict),
        // Parses arguments, picks real or simulated hardware, starts the services.
        .executableTarget(
            name: "sensor-agent",
            dependencies: [
                "AgentCore", "Configuration", "HardwareIO", "IoTHub", "LinuxHost", "LinuxIO",
                "MosquittoTransport",
                "PlugAndPlay", "Quantities", "SensorDrivers", "Simulation", "StateStore", "ThreadExecutor",
                argumentParser, lifecycle, logging, unixSignals,
            ],
            path: "Sources/SensorAgent", swiftSettings: strict),

        .testTarget(
            name: "AgentCoreTests",
            dependencies: [
                "AgentCore", "HardwareIO", "IoTHub", "PlugAndPlay", "Quantities", "SensorDrivers",
                "Simulation", "StateStore",
                "ThermostatControl", "ThreadExecutor", logging,
            ], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration", "Quantities", "Secrets"],
            swiftSettings: strict),
        .testTarget(
            name: "IoTHubTests", dependencies: ["IoTHub", "Quantities", "Secrets", logging],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "LinuxHostTests", dependencies: ["LinuxHost", "Quantities"], swiftSettings: strict),
        .testTarget(
            name: "PlugAndPlayTests", dependencies: ["IoTHub", "PlugAndPlay", "Quantities"],
            resources: [.copy("Models")], swiftSettings: strict),
        .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
        .testTarget(
            name: "StateStoreTests", dependencies: ["StateStore", "Quantities"], swiftSettings: strict),
        .testTarget(
            name: "ThermostatControlTests", dependencies: ["Quantities", "ThermostatControl"],
            swiftSettings: strict),
        .testTarget(
            name: "ThreadExecutorTests", dependencies: ["ThreadExecutor"], swiftSettings: strict),
    ]
)
