// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import Glibc
import LinuxHost
import Logging
import Quantities
import RebootGuard
import StrictJSON
import ThreadExecutor

/// The machine as far as a reboot needs it: the journal in the state directory, inhibitors, and whom to ask.
actor ThisMachine: RebootMachine {
    private nonisolated let executor: ThreadExecutor
    private let file: DurableFile
    private let power: PowerControl
    private let inhibitFile: String
    private let time: any TimeSource
    private let log: Logger

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Keeps the journal in `directory`; what waits for the disk runs on `disk`.
    init(
        _ configuration: RebootConfiguration, directory: String, disk: ThreadExecutor, time: any TimeSource,
        log: Logger
    ) {
        executor = disk
        file = DurableFile("\(directory)/reboots.json")
        power = configuration.mode == .command ? .command(configuration.command) : .logind
        inhibitFile = "\(StandardDirectories.runtime(environment: Environment.all))/inhibit-reboot"
        self.time = time
        self.log = log
    }

    func load() -> RebootJournal {
        do throws(HostError) {
            guard let bytes = try file.read() else { return RebootJournal() }
            let json = try? JSONValue(parsing: bytes)
            if let journal = json.flatMap({ RebootJournal(json: $0) }) { return journal }
            let suffix = ".damaged-\(time.now().wall?.millisecondsSince1970 ?? 0)"
            try file.setAside(as: suffix)
            log.warning(
                "\(file.path) is damaged and was renamed to \(file.path)\(suffix); no reboot on request for an hour."
            )
        } catch {
            log.warning("The record of reboots cannot be read; no reboot on request for an hour. \(error)")
        }
        return .afterLoss
    }

    func save(_ journal: RebootJournal) -> String? {
        do throws(HostError) {
            try file.write(journal.json.encoded())
            return nil
        } catch {
            return "\(error)"
        }
    }

    nonisolated func inhibitor() async -> String? {
        if access(inhibitFile, F_OK) == 0 { return "the file \(inhibitFile) is there" }
        return await power.inhibitor()
    }

    nonisolated func reboot() -> AsyncStream<PowerNews> {
        let news = power.reboot()
        let (stream, feed) = AsyncStream<PowerNews>.makeStream()
        Task {
            for await item in news {
                switch item {
                case .refused(let reason): feed.yield(.refused(reason))
                case .goingDown: feed.yield(.goingDown)
                }
            }
            feed.finish()
        }
        return stream
    }
}

extension RebootConfiguration {
    /// How a reboot is done; a simulation never reboots anything.
    func settings(simulate: Bool) -> RebootService.Settings {
        let mode: RebootMode =
            switch self.mode {
            case .off: .off
            case .dryRun: .dryRun
            case .logind, .command: simulate ? .dryRun : .armed
            case nil: simulate ? .dryRun : .off
            }
        let respects: RelayRespect =
            switch self.respects {
            case .nothing: .nothing
            case .minimumOn: .minimumOn
            case .relayOn: .relayOn
            }
        return RebootService.Settings(
            mode: mode,
            limits: RebootLimits(minimumUptime: minimumUptime, perHour: perHour, perDay: perDay),
            respects: respects)
    }
}
