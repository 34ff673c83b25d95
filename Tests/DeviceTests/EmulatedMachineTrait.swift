// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import EmulatedMachine
import Foundation
import ProgramOutput
import Testing

/// Boots one machine for all tests of a suite and those within it.
struct EmulatedMachineTrait: SuiteTrait, TestScoping {
    /// The machine of the running test.
    @TaskLocal static var machine: EmulatedMachine?

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await EmulatedMachine.withMachine { machine in
            print("Emulated machine: takes commands \(machine.bootTime) after QEMU's start")
            try await Self.$machine.withValue(machine) { try await function() }
        }
    }
}

extension Trait where Self == EmulatedMachineTrait {
    /// Runs the suite's tests in one emulated machine.
    static var emulatedMachine: Self { Self() }
}

extension Trait where Self == ConditionTrait {
    /// Skips, with the reason, where no machine can be started; `SENSOR_AGENT_REQUIRE_ALL=1` makes that a failure.
    static var machineAvailable: Self {
        skipped(because: EmulatedMachine.obstacle)
    }

    /// Skips, in the same way, where a program that runs in the guest is not installed on the host.
    static func needs(_ program: String, of package: String) -> Self {
        let isThere = ["/usr/sbin", "/usr/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
        }
        return skipped(because: isThere ? nil : "\(program) is not installed: apt-get install \(package)")
    }

    /// Skips with this reason, if there is one; `SENSOR_AGENT_REQUIRE_ALL=1` makes that a failure.
    static func skipped(because obstacle: String?) -> Self {
        return .enabled(if: HostProgram.areRequired || obstacle == nil, Comment(rawValue: obstacle ?? ""))
    }
}

/// All tests that need the real kernel share one boot; each suite is an extension of this one.
@Suite(.machineAvailable, .emulatedMachine, .serialized, .timeLimit(.minutes(10)))
enum DeviceTests {
    /// The machine that the running test shares with the others.
    static func machine() throws -> EmulatedMachine {
        try #require(EmulatedMachineTrait.machine)
    }
}
