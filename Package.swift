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
    dependencies: [],
    targets: []
)
