// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import ProgramOutput
import Testing

/// The programs of Debian that these tests need.
enum Programs {
    static let missing = ["mosquitto", "openssl"].filter { HostProgram.find($0) == nil }

    /// Whether the tests can run; with SENSOR_AGENT_REQUIRE_ALL=1 they run and fail instead of being skipped.
    static var areUsable: Bool { missing.isEmpty || HostProgram.areRequired }

    static var reason: Comment { "needs \(missing.joined(separator: ", ")); install it with: make setup" }
}
