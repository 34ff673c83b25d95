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

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
    .product(name: "NIOTLS", package: "swift-nio"),
]

let package = Package(
    name: "sensor-agent",
    products: [],
    dependencies: [
        // The daemon.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // `local-hub` and the emulated machine only.
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        // JSON (RFC 8259), strict and small.
        .target(name: "StrictJSON", swiftSettings: strict),
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
            name: "ConfigurationFiles",
            dependencies: [
                "Quantities", "Secrets", "ThermostatControl", .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: strict),
        // HMAC of the system's libcrypto, which libmosquitto loads anyway.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        // Hub and DPS protocol without transport: topics, tokens, twin, commands, session, back-off.
        .target(
            name: "IoTHub", dependencies: ["COpenSSL", "Quantities", "Secrets", "StrictJSON", logging],
            swiftSettings: strict),
        // Maps readings and settings to model components, telemetry, commands and property acks.
        .target(
            name: "PlugAndPlay", dependencies: ["IoTHub", "Quantities", "StrictJSON"], swiftSettings: strict),
        // eventfd and poll, which Swift's Glibc module lacks in part.
        .systemLibrary(name: "CEventFD"),
        // C: the hooks of Swift's concurrency runtime for another pool.
        .target(name: "CTaskHooks"),
        // One thread that runs actors' jobs and waits on a descriptor between them.
        .target(name: "ThreadExecutor", dependencies: ["CEventFD", "CTaskHooks"], swiftSettings: strict),
        // SQLite's C API.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // What outlives the process: telemetry and its history, targets, twin versions, maxima; SQLite.
        .target(name: "StateStore", dependencies: ["Quantities", "CSQLite"], swiftSettings: strict),
        // Decides whether and when the machine is rebooted on request, and what a boot proves: pure values.
        .target(name: "RebootGuard", dependencies: ["Quantities", "StrictJSON"], swiftSettings: strict),
        // Wires sampling, control and cloud into services; the outside world is given to it.
        .target(
            name: "AgentCore",
            dependencies: [
                "Quantities", "HardwareIO", "SensorDrivers", "ThermostatControl", "IoTHub", "PlugAndPlay",
                "RebootGuard",
                "StateStore", "StrictJSON", "ThreadExecutor", logging,
            ], swiftSettings: strict),
        // System calls that Swift's Glibc module does not offer.
        .target(name: "CLinuxHost"),
        // The machine: clocks, boot id, facts, working set, signals, service manager, instance lock.
        .target(
            name: "LinuxHost", dependencies: ["Quantities", "CLinuxHost", "ThreadExecutor"],
            swiftSettings: strict),
        // C: libi2c, the ioctl numbers of i2c-dev, and wrappers for what Swift cannot call.
        .target(name: "CLinuxI2C", linkerSettings: [.linkedLibrary("i2c")]),
        // C: one face for libgpiod 1.6 and 2.x.
        .target(name: "CGPIO", linkerSettings: [.linkedLibrary("gpiod")]),
        // The only code that opens buses and lines.
        .target(
            name: "LinuxIO", dependencies: ["Quantities", "HardwareIO", "CGPIO", "CLinuxI2C"],
            swiftSettings: strict),
        // libmosquitto.
        .systemLibrary(
            name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        // Carries `IoTHub` bytes over libmosquitto.
        .target(
            name: "MosquittoTransport", dependencies: ["CMosquitto", "IoTHub", "Secrets", "ThreadExecutor"],
            swiftSettings: strict),
        // Scripted buses for tests; chip models exact on the wire and rooms for `--simulate`.
        .target(name: "Simulation", dependencies: ["Quantities", "HardwareIO"], swiftSettings: strict),
        // Every other chip model: for tests and for the emulated hardware, not in the program.
        .target(
            name: "ChipModels", dependencies: ["Simulation"],
            swiftSettings: strict),
        // Runs recorded results through the real drivers and compares with what has to come out.
        .target(
            name: "SensorVectors",
            dependencies: ["HardwareIO", "Quantities", "SensorDrivers", "Simulation", "StrictJSON"],
            swiftSettings: strict),
        // Parses arguments, picks real or simulated hardware, starts the services.
        .executableTarget(
            name: "sensor-agent",
            dependencies: [
                "AgentCore", "ConfigurationFiles", "HardwareIO", "IoTHub", "LinuxHost", "LinuxIO",
                "MosquittoTransport",
                "PlugAndPlay", "Quantities", "RebootGuard", "SensorDrivers", "SensorVectors", "Simulation",
                "StateStore", "StrictJSON", "ThermostatControl", "ThreadExecutor", argumentParser, logging,
                unixSignals,
            ],
            path: "Sources/SensorAgent", swiftSettings: strict),

        // Messages per second of the MQTT layer against a stock broker, for `make bench`.
        .executableTarget(
            name: "hub-bench", dependencies: ["IoTHub", "MosquittoTransport", "ThreadExecutor"],
            path: "Sources/HubBench", swiftSettings: strict),
        // Delays and the durable path of the agent's own services, for `make bench`.
        .executableTarget(
            name: "agent-bench",
            dependencies: [
                "AgentCore", "HardwareIO", "IoTHub", "LinuxHost", "MosquittoTransport", "PlugAndPlay",
                "Quantities", "RebootGuard", "Secrets", "SensorDrivers", "Simulation", "StateStore",
                "ThermostatControl",
                "ThreadExecutor", logging,
            ],
            path: "Sources/AgentBench", swiftSettings: strict),
        // A stand-in for DPS and IoT Hub: MQTT 3.1.1 over TLS, the service REST API, faults on request.
        .target(
            name: "LocalHub",
            dependencies: nio + [
                lifecycle, logging,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ], swiftSettings: strict),
        // The program around `LocalHub`.
        .executableTarget(
            name: "local-hub", dependencies: ["LocalHub", argumentParser, logging],
            path: "Sources/LocalHubCommand", swiftSettings: strict),
        // Serves the chip models as USB adapters (USB/IP): real kernel drivers stand between them and the agent.
        .target(
            name: "EmulatedHardware",
            dependencies: [
                "Simulation", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        // Test support: programs of the host; keeps what programs under test say, so that it can be searched for secrets.
        .target(name: "ProgramOutput", swiftSettings: strict),
        // Test support: the stock Debian kernel in QEMU, what runs in it, and what is plugged into it.
        .target(
            name: "EmulatedMachine",
            dependencies: [
                "EmulatedHardware", "ProgramOutput", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),

        // Test support: clocks that only a test moves.
        .target(
            name: "TestClocks", dependencies: ["Quantities"], path: "Tests/TestClocks", swiftSettings: strict),

        // Unit tests: no network but loopback, no root, no program but the tests themselves.
        .testTarget(
            name: "AgentCoreTests",
            dependencies: [
                "AgentCore", "HardwareIO", "IoTHub", "PlugAndPlay", "Quantities", "RebootGuard", "Secrets",
                "SensorDrivers", "ChipModels", "Simulation", "StateStore", "StrictJSON", "TestClocks",
                "ThermostatControl", "ThreadExecutor", logging,
            ], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationFilesTests",
            dependencies: ["ConfigurationFiles", "Quantities", "Secrets", "Simulation", "ThermostatControl"],
            swiftSettings: strict),
        .testTarget(
            name: "EmulatedHardwareTests",
            dependencies: [
                "EmulatedHardware", "ChipModels", "Simulation",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "EmulatedMachineTests", dependencies: ["EmulatedMachine", "ProgramOutput"],
            swiftSettings: strict),
        .testTarget(name: "HardwareIOTests", dependencies: ["HardwareIO"], swiftSettings: strict),
        .testTarget(
            name: "IoTHubTests",
            dependencies: [
                "IoTHub", "Quantities", "Secrets", "Simulation", "StrictJSON", "TestClocks", logging,
            ],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "LinuxHostTests", dependencies: ["LinuxHost", "ProgramOutput", "Quantities"],
            exclude: ["Logind"],
            swiftSettings: strict),
        .testTarget(
            name: "LinuxIOTests", dependencies: ["LinuxIO", "HardwareIO", "Quantities"],
            swiftSettings: strict),
        .testTarget(
            name: "LocalHubTests",
            dependencies: nio + [
                "LocalHub", "Simulation", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ], resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "MosquittoTransportTests", dependencies: ["IoTHub", "MosquittoTransport"],
            swiftSettings: strict),
        .testTarget(
            name: "PlugAndPlayTests", dependencies: ["IoTHub", "PlugAndPlay", "Quantities", "StrictJSON"],
            resources: [.copy("Models")], swiftSettings: strict),
        .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
        .testTarget(
            name: "RebootGuardTests",
            dependencies: ["Quantities", "RebootGuard", "ChipModels", "Simulation", "StrictJSON"],
            swiftSettings: strict),
        .testTarget(
            name: "SensorDriversTests",
            dependencies: [
                "HardwareIO", "Quantities", "SensorDrivers", "SensorVectors", "ChipModels", "Simulation",
                "StrictJSON", "TestClocks",
            ],
            resources: [.copy("Vectors")], swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["ChipModels", "Simulation", "HardwareIO", "Quantities", "TestClocks"],
            swiftSettings: strict),
        // C: a layer below SQLite that records what reaches the disk, and fails on request.
        .target(name: "SQLiteRecorder", dependencies: ["CSQLite"], path: "Tests/SQLiteRecorder"),
        .testTarget(
            name: "StateStoreTests",
            dependencies: ["CSQLite", "StateStore", "SQLiteRecorder", "Simulation", "Quantities"],
            swiftSettings: strict),
        .testTarget(
            name: "StrictJSONTests", dependencies: ["ChipModels", "Simulation", "StrictJSON"],
            swiftSettings: strict),
        .testTarget(
            name: "ThermostatControlTests",
            dependencies: ["Quantities", "ChipModels", "Simulation", "ThermostatControl", "ThermostatLife"],
            swiftSettings: strict),
        // A thermostat's life of random events, for the tests and for `make soak`.
        .target(
            name: "ThermostatLife", dependencies: ["Quantities", "Simulation", "ThermostatControl"],
            path: "Tests/ThermostatLife", swiftSettings: strict),
        .executableTarget(
            name: "thermostat-soak", dependencies: ["ThermostatControl", "ThermostatLife"],
            path: "Tests/SoakPrograms/ThermostatSoak", swiftSettings: strict),
        .testTarget(
            name: "ThreadExecutorTests", dependencies: ["ThreadExecutor"], swiftSettings: strict),
        // Real programs at the edges: a stock broker, Microsoft's SDKs, the program itself, the kernel in QEMU.
        .testTarget(
            name: "BrokerTests", dependencies: ["IoTHub", "MosquittoTransport", "ProgramOutput", "Secrets"],
            swiftSettings: strict),
        // Every fault of the connection that `local-hub` can make, met by the real client, and by store and pump with it.
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "AgentCore", "IoTHub", "LocalHub", "MosquittoTransport", "PlugAndPlay", "Quantities",
                "RebootGuard", "Secrets",
                "Simulation", "StateStore", "StrictJSON", "ThreadExecutor", logging,
            ], swiftSettings: strict),
        .testTarget(
            name: "InteropTests", dependencies: ["LocalHub", "ProgramOutput"],
            exclude: ["Python", "make-venv", "requirements.txt"], swiftSettings: strict),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "AgentCore", "ConfigurationFiles", "HardwareIO", "LocalHub", "ProgramOutput", "Quantities",
                "SensorDrivers", "sensor-agent",
            ], exclude: ["Golden", "Hil"], swiftSettings: strict),
        .testTarget(
            name: "DeviceTests",
            dependencies: [
                "EmulatedHardware", "EmulatedMachine", "LocalHub", "ProgramOutput", "Quantities",
                "SensorDrivers",
                "ChipModels", "Simulation", "hold-line", "sensor-agent",
            ],
            swiftSettings: strict),
        // What the device tests run in the emulated machine to hold a GPIO line.
        .executableTarget(
            name: "hold-line", dependencies: ["HardwareIO", "LinuxIO"], path: "Tests/DevicePrograms/HoldLine",
            swiftSettings: strict),
    ]
)
