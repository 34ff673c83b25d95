// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import IoTHub
package import Logging
import PlugAndPlay
package import Quantities
package import StateStore
import StrictJSON

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
    let reboots: RebootService

    var outbox = TelemetryOutbox()
    var reported = ReportedState()
    var maxima: [ThermostatID: MaximumReport] = [:]
    var rhythms: [ThermostatID: TelemetryRhythm] = [:]
    var isOnline = false
    /// The state of the connection that was told last, and since when it is.
    var connection: (state: ConnectionState, since: ContinuousClock.Instant)?
    /// The hub and device that stored targets belong to, once known.
    var hub: HubKey?
    /// The version of the desired section that is in force here.
    var desiredVersion: Int64?
    /// The version whose answers the hub is known to have, as stored.
    var answeredVersion: Int64?
    /// The versions that targets restored from an earlier run answer.
    var restoredVersions: [ThermostatID: Int64] = [:]
    /// The thermostats whose target was set on this machine after the hub's.
    var localTargets: Set<ThermostatID> = []
    var hasReportedOnce = false

    let outboxSignal = Signal()
    let reportSignal = Signal()
    let storeQueue = StoreQueue()

    /// Makes the service; `workingSet` measures this process's memory in KiB.
    package init(
        settings: CloudSettings, client: HubClient, control: ControlLoop, store: StateStore,
        time: any TimeSource, log: Logger, reboots: RebootService,
        workingSet: @escaping @Sendable () -> Double?
    ) {
        self.settings = settings
        self.client = client
        self.control = control
        self.store = store
        self.time = time
        self.log = log
        self.workingSet = workingSet
        self.reboots = reboots
        reported.want(ReportedProperties.serialNumber(settings.serialNumber))
        reported.want(ReportedProperties.deviceInformation(settings.deviceInformation))
        if !settings.reportsStatus { reported.want([StatusDocument.name: .null]) }
        let start = time.now().monotonic
        for id in ThermostatID.allCases {
            maxima[id] = MaximumReport()
            rhythms[id] = TelemetryRhythm(start: start, every: settings.telemetryInterval)
        }
    }

    /// Runs until the program ends: then the last reported state goes out, and the connection is closed in order.
    package func run(until end: Ending) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.restoreMaxima() }
            group.addTask { await self.storeQueue.run(on: self.store, log: self.log) }
            group.addTask { await self.client.run() }
            group.addTask { await self.followEvents() }
            group.addTask { await self.pumpTelemetry() }
            group.addTask { await self.pumpReports() }
            group.addTask { await self.measureWorkingSet() }
            await end.wait()
            await finish()
            group.cancelAll()
        }
    }

    /// Takes new temperatures from the control loop; returns at once.
    package func offer(_ temperatures: [ControlLoop.Temperature]) {
        for temperature in temperatures {
            let id = temperature.thermostat
            // A stand-in's invented warmth must not pass for the highest real temperature of this boot.
            if temperature.isSimulated == settings.isSimulated {
                raiseMaximum(of: id, to: temperature.celsius)
                reportMaximum(of: id, at: temperature.takenAt.monotonic)
            }
            guard rhythms[id]?.take(at: temperature.takenAt.monotonic) == true else { continue }
            let message = Telemetry.temperature(
                temperature.celsius, of: id, simulated: temperature.isSimulated)
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
        if connection?.state != state { connection = (state, time.now().monotonic) }
        if isOnline { outboxSignal.send() }
    }

    private func finish() async {
        let now = time.now().monotonic
        for id in ThermostatID.allCases { reportMaximum(of: id, at: now, isLast: true) }
        if isOnline, reported.pending != nil {
            await limited(to: .seconds(1), time) { await self.sendPending() }
        }
        await limited(to: .milliseconds(500), time) { await self.storeQueue.drain() }
        await limited(to: .seconds(2), time) { await self.client.stop() }
    }
}
