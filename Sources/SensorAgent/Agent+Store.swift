// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import Logging
import Quantities
import StateStore
import ThreadExecutor

/// What outlives the program: the state file, and before it the young telemetry in the runtime directory.
struct AgentStore {
    let state: StateStore
    let telemetry: LateTelemetryQueue

    /// Begins to open both, whatever the disk looks like, once `lock` says that they are this agent's; waits for nothing.
    ///
    /// What a person should hear is said.
    static func begin(
        _ configuration: StoreConfiguration, directory: String,
        after lock: Task<StateDirectory.Content, Never>, disk: ThreadExecutor, clock: any TimeSource,
        bootID: String?, log: Logger
    ) -> AgentStore {
        let wall = clock.now().wall
        let state = StateStore.opened(
            byFirstCallOf: .file("\(directory)/state.sqlite"), executor: disk, at: wall,
            clock: { clock.now().monotonic })
        say(state.opening, state.notices, log)
        let telemetry = Task {
            _ = await lock.value
            let runtime = youngDirectory(state: directory)
            let telemetry = await TelemetryStore.open(
                young: .file(young(runtime: runtime, state: directory)),
                executor: ThreadExecutor(name: "outbox"), disk: state,
                limits: OutboxLimits(
                    bytes: configuration.maximumMegabytes * 1_000_000, age: configuration.maximumAge),
                // Without the kernel's id no file can be shown to be of this boot.
                at: wall, in: bootID ?? series(), newSeries: { series() })
            say(telemetry.opening, telemetry.notices, log)
            return telemetry
        }
        return AgentStore(state: state, telemetry: LateTelemetryQueue(telemetry))
    }

    /// Closes both files.
    func close() async {
        await telemetry.store.close()
        await state.close()
    }

    /// The runtime directory, which outlives the program and is no card to wear out; else the state directory.
    private static func youngDirectory(state: String) -> String {
        let runtime = StandardDirectories.runtime(environment: Environment.all)
        // Its parent is there or not: nobody but systemd or the login makes it.
        // As the local socket makes it: its group has to be able to reach that.
        if mkdir(runtime, 0o750) == 0 { chmod(runtime, 0o750) }
        return access(runtime, W_OK | X_OK) == 0 ? runtime : state
    }

    /// The young tier's file: one for each state directory, as several agents of a user share a runtime directory.
    private static func young(runtime: String, state: String) -> String {
        // FNV-1a, 64 bit: it only has to tell a few directories apart.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in state.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "\(runtime)/outbox-\(String(hash, radix: 16)).sqlite"
    }

    private static func series() -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func say(_ opening: [StoreNotice], _ notices: AsyncStream<StoreNotice>, _ log: Logger) {
        for notice in opening { log.log(level: notice.isWarning ? .warning : .info, "\(notice)") }
        Task.detached {
            for await notice in notices { log.log(level: notice.isWarning ? .warning : .info, "\(notice)") }
        }
    }
}
