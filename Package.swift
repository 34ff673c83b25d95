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

let package = Package(
    name: "sensor-agent",
    products: [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        // What was measured: unit-safe values, readings with quality, source and time; `Now`.
        .target(name: "Quantities", swiftSettings: strict),
        // What hardware can do: protocols and errors for I2C, 1-Wire, sysfs and GPIO; no system call.
        .target(name: "HardwareIO", dependencies: ["Quantities"], swiftSettings: strict),
        // One file per chip plus the driver catalog.
        .target(name: "SensorDrivers", dependencies: ["Quantities", "HardwareIO"], swiftSettings: strict),
        // Keys and tokens that cannot be printed.
        .target(name: "Secrets", swiftSettings: strict),
        // Hub and DPS protocol without transport: topics, tokens, twin, commands, session, back-off.
        .target(
            name: "IoTHub",
            dependencies: ["Quantities", "Secrets", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        // Scripted buses for tests; chip models exact on the wire and rooms for `--simulate`.
        .target(name: "Simulation", dependencies: ["Quantities", "HardwareIO"], swiftSettings: strict),
        // One thread that runs actors' jobs and waits on a descriptor between them.
        .systemLibrary(name: "CEventFD"),
        .target(name: "ThreadExecutor", dependencies: ["CEventFD"], swiftSettings: strict),
        // Carries `IoTHub` bytes over libmosquitto.
        .systemLibrary(
            name: "CMosquitto", pkgConfig: "libmosquitto",
            providers: [.apt(["libmosquitto-dev", "libssl-dev"])]),
        .target(
            name: "MosquittoTransport", dependencies: ["IoTHub", "Secrets", "ThreadExecutor", "CMosquitto"],
            swiftSettings: strict),
        // Messages per second of the MQTT layer against a stock broker, for `make bench`.
        .executableTarget(
            name: "hub-bench", dependencies: ["IoTHub", "MosquittoTransport", "ThreadExecutor"],
            path: "Sources/HubBench",
            swiftSettings: strict),

        .testTarget(name: "ThreadExecutorTests", dependencies: ["ThreadExecutor"], swiftSettings: strict),
        .testTarget(
            name: "MosquittoTransportTests", dependencies: ["IoTHub", "MosquittoTransport"],
            swiftSettings: strict),
        .testTarget(
            name: "BrokerTests", dependencies: ["IoTHub", "MosquittoTransport", "Secrets"],
            swiftSettings: strict),
        .testTarget(name: "QuantitiesTests", dependencies: ["Quantities"], swiftSettings: strict),
    ]
)
