// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import RebootGuard

/// A machine that never reboots and remembers nothing: for benchmarks and tests of everything else.
package struct ImmovableMachine: RebootMachine {
    /// Makes one.
    package init() {}

    /// Nothing was left.
    package func load() async -> RebootJournal { RebootJournal() }

    /// Keeps nothing.
    package func save(_ journal: RebootJournal) async -> String? { nil }

    /// Nobody does.
    package func inhibitor() async -> String? { nil }

    /// Refuses.
    package func reboot() -> AsyncStream<PowerNews> {
        AsyncStream {
            $0.yield(.refused("this machine never reboots"))
            $0.finish()
        }
    }
}
