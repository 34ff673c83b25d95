// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension EmulatedMachine {
    /// Loads a module that was started as a spare one; what it depends on must be loaded already.
    package func load(_ module: String) async throws {
        try await shell(#"busybox insmod "/run/modules/$1.ko""#, [module])
    }

    /// Unloads a module that nothing uses.
    package func unload(_ module: String) async throws {
        try await shell(#"busybox rmmod "$1""#, [module])
    }
}
