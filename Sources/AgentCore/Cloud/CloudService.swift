// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Logging
import PlugAndPlay
package import Quantities
import ServiceLifecycle
package import StateStore

/// The device as the hub sees it: telemetry out, reported properties out, desired properties and commands in.
///
/// Control never waits for it: readings are handed over and everything else happens on its own tasks.
package actor CloudService: Service {
    let settings: CloudSettings
    let client: HubClient
    let control: ControlLoop
    let store: StateStore
    let time: any TimeSource
    let log: Logger
    let workingSet: @Sendable () -> Double?

    var outbox = TelemetryOutbox()
    var reported = ReportedState()
    var maxima: [ThermostatID: MaximumReport] = [:]
    var rhythms: [ThermostatID: TelemetryRhythm] = [:]
    var isOnline = false
    /// The hub and device that stored targets belong to, once known.
    var hub: HubKey?
    /// The version of the desired section that is in force here.
    var desiredVersion: Int64?
    /// The version whose answers the hub is known to have, as stored.
    var answeredVersion: Int64?
    /// The versions that targets restored from an earlier run answer.
    var restoredVersions: [ThermostatID: Int64] = [:]
    var hasReportedOnce = false

    let outboxSignal = Signal()
    let reportSignal = Signal()
    private let endSignal = Signal()

    /// Makes the service; `workingSet` measures this process's memory in KiB.
    package init(
        settings: CloudSettings, client: HubClient, control: ControlLoop, store: StateStore,
        time: any TimeSource, log: Logger, workingSet: @escaping @Sendable () -> Double?
    ) {
        self.settings = settings
        self.client = client
        self.control = control
        self.store = store
        self.time = time
        self.log = log
        self.workingSet = workingSet
        reported.want(ReportedProperties.serialNumber(settings.serialNumber))
        reported.want(ReportedProperties.deviceInformation(settings.deviceInformation))
        let start = time.now().monotonic
        for id in ThermostatID.allCases {
            maxima[id] = MaximumReport()
            rhythms[id] = TelemetryRhythm(start: start, every: settings.telemetryInterval)
        }
    }

    /// Runs until the program ends: then the last reported state goes out, and the connection is closed in order.
    package func run() async {
        await restoreMaxima()
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.client.run() }
                group.addTask { await self.followEvents() }
                group.addTask { await self.pumpTelemetry() }
                group.addTask { await self.pumpReports() }
                group.addTask { await self.measureWorkingSet() }
                await endSignal.wait()
                await finish()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.endSignal.send()
        }
    }

    /// Takes new temperatures from the control loop; returns at once.
    package func offer(_ temperatures: [ControlLoop.Temperature]) async {
        for temperature in temperatures {
            let id = temperature.thermostat
            maxima[id]?.raise(to: temperature.celsius)
            await reportMaximum(of: id, at: temperature.takenAt.monotonic)
            guard rhythms[id]?.take(at: temperature.takenAt.monotonic) == true else { continue }
            let message = Telemetry.temperature(
                temperature.celsius, of: id, simulated: temperature.isSimulated || settings.isSimulated)
            enqueue(message, measuredAt: temperature.takenAt.monotonic)
        }
    }

    func enqueue(_ message: TelemetryMessage, measuredAt: ContinuousClock.Instant) {
        let full = outbox.append(message, measuredAt: measuredAt, isOnline: isOnline)
        if full, outbox.dropped == 1 {
            log.warning(
                "The hub was out of reach for so long that the oldest \(outbox.count) messages begin to be dropped; the newest stay."
            )
        }
        outboxSignal.send()
    }

    private func followEvents() async {
        await withDiscardingTaskGroup { group in
            for await event in client.events {
                switch event {
                case .state(let state, _): follow(state)
                case .twin(let twin): await adopt(twin)
                case .desired(let patch): await adopt(patch)
                case .command(let request): group.addTask { await self.answer(request) }
                case .cloudMessage(let message):
                    log.info(
                        "A cloud-to-device message of \(message.body.count) bytes came; nothing uses it.")
                }
            }
        }
    }

    private func follow(_ state: ConnectionState) {
        isOnline = state == .online
        if isOnline { outboxSignal.send() }
    }

    private func finish() async {
        let now = time.now().monotonic
        for id in ThermostatID.allCases { await reportMaximum(of: id, at: now, isLast: true) }
        if isOnline, let patch = reported.pending {
            await limited(to: .seconds(1)) { await self.send(patch) }
        }
        await limited(to: .milliseconds(2_500)) { await self.client.stop() }
    }

    /// Runs `work`, and leaves it behind when it takes longer than `limit`.
    private func limited(to limit: Duration, _ work: @escaping @Sendable () async -> Void) async {
        let time = time
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work() }
            group.addTask { try? await time.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
