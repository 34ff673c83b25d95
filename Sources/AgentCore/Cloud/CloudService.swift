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
    /// The hub's day, where its tier was told: near its end telemetry slows down.
    let account: MessageAccount?
    /// Returns when the clock is right; no connection is begun before.
    let clockGate: @Sendable () async -> Void
    let reboots: RebootService

    let pump: TelemetryPump
    var reported = ReportedState()
    var maxima: [ThermostatID: MaximumReport] = [:]
    var rhythms: [ThermostatID: TelemetryRhythm] = [:]
    var memoryRhythm: TelemetryRhythm
    /// Sends the memory where no sample comes along.
    var memoryReminder: Task<Void, Never>?
    var isOnline = false
    /// What the pump was told of the connection.
    private var pumpLink = PumpLink()
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
    /// The targets, °C, that the hub asked for last and got.
    var hubTargets: [ThermostatID: Double] = [:]
    /// The thermostats whose target was set on this machine after the hub's.
    var localTargets: Set<ThermostatID> = []
    var hasReportedOnce = false

    let reportSignal = Signal()
    /// The end of the sending of reports that is under way.
    var reporting: Ending?
    let storeQueue = StoreQueue()

    /// Makes the service; `workingSet` measures this process's memory in KiB.
    package init(
        settings: CloudSettings, client: HubClient, control: ControlLoop, store: StateStore,
        pump: TelemetryPump, time: any TimeSource, log: Logger, reboots: RebootService,
        workingSet: @escaping @Sendable () -> Double?, account: MessageAccount? = nil,
        clockGate: @escaping @Sendable () async -> Void = {}
    ) {
        self.settings = settings
        self.client = client
        self.control = control
        self.store = store
        self.pump = pump
        self.time = time
        self.log = log
        self.workingSet = workingSet
        self.account = account
        self.clockGate = clockGate
        self.reboots = reboots
        let start = time.now().monotonic
        memoryRhythm = TelemetryRhythm(start: start, every: settings.telemetryInterval)
        reported.want(ReportedProperties.serialNumber(settings.serialNumber))
        reported.want(ReportedProperties.deviceInformation(settings.deviceInformation))
        if !settings.reportsStatus { reported.want([StatusDocument.name: .null]) }
        for id in ThermostatID.allCases {
            maxima[id] = MaximumReport()
            rhythms[id] = TelemetryRhythm(start: start, every: settings.telemetryInterval)
        }
    }

    /// Runs until the program ends: then the last reported state goes out, and the connection is closed in order.
    package func run(until end: Ending) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.restoreMaxima() }
            group.addTask { await self.storeQueue.run(on: self.store, time: self.time, log: self.log) }
            group.addTask {
                await self.clockGate()
                await self.client.run()
            }
            group.addTask { await self.followStates() }
            group.addTask { await self.followEvents() }
            group.addTask { await self.pump.run() }
            group.addTask { await self.pumpReports() }
            group.addTask { await self.offer([]) }
            await end.wait()
            await finish()
            memoryReminder?.cancel()
            group.cancelAll()
        }
    }

    /// Apart from the events: a flood of those must not hide that the connection is there, or gone.
    private func followStates() async {
        for await state in client.states { await follow(state) }
    }

    private func followEvents() async {
        await withDiscardingTaskGroup { group in
            for await event in client.events {
                switch event {
                case .state: break
                case .twin(let twin): await adopt(twin)
                case .desired(let patch): await adopt(patch)
                case .command(let request): group.addTask { await self.answer(request) }
                case .cloudMessage(let message):
                    // Acknowledged by the transport; the body may be anything, so only its length is told.
                    log.info("\(message)")
                }
            }
        }
    }

    private func follow(_ state: ConnectionState) async {
        isOnline = state.carriesMessages
        if connection?.state != state { connection = (state, time.now().monotonic) }
        let session = await client.status.sessions
        if let isConnected = pumpLink.take(state, session: session) { await pump.connected(isConnected) }
        // What a twin has shown to be missing may have come before this.
        if isOnline { reportSignal.send() }
    }

    private func finish() async {
        let now = time.now().monotonic
        for id in ThermostatID.allCases { reportMaximum(of: id, at: now, isLast: true) }
        if isOnline, reported.pending != nil {
            await limited(to: .seconds(1), time) { await self.sendPending() }
        }
        await limited(to: .milliseconds(1_500), time) { await self.client.stop() }
        // Last, because until then the hub may still acknowledge something.
        await limited(to: .seconds(1), time) {
            await self.pump.drain()
            await self.storeQueue.drain()
        }
    }
}
