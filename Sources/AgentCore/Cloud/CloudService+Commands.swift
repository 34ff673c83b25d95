// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities
import RebootGuard
import StateStore
import StrictJSON

extension CloudService {
    /// Answers a command; there is always exactly one answer.
    func answer(_ request: CommandRequest) async {
        let (status, body) = await outcome(of: request)
        log.info("Command \(request.shownName) answered with \(status).")
        do throws(HubError) {
            try await client.respond(to: request, status: status, body: body)
            if let id = body["rebootId"]?.stringValue { reboots.confirm(id) }
        } catch {
            log.warning("The answer to \(request.shownName) could not be sent: \(error)")
        }
    }

    private func outcome(of request: CommandRequest) async -> (status: Int, body: JSONValue) {
        do throws(CommandRefusal) {
            switch try DeviceCommand(request) {
            case .maxMinReport(let thermostat, let since):
                return (200, try await report(on: thermostat, since: since).body)
            case .reboot(let delay):
                return (202, try await reboot(after: delay))
            }
        } catch {
            return (error.status, error.body)
        }
    }

    private func report(on id: ThermostatID, since: WallTime) async throws(CommandRefusal) -> MaxMinReport {
        let now = time.now()
        guard let wall = now.trustedWall else {
            throw CommandRefusal(503, "The device's clock is not set, so no time can be looked up yet.")
        }
        guard since <= wall else {
            throw CommandRefusal(
                400, "The argument \"since\" lies in the future; the device's time is \(wall.rfc3339).")
        }
        let age = Duration.milliseconds(wall.millisecondsSince1970 - since.millisecondsSince1970)
        // Times are told in whole milliseconds: the one of a sample that was told must find that sample again.
        let start = now.monotonic.advanced(by: .milliseconds(-1) - age)
        let date = { wall.advanced(by: .zero - ($0 as ContinuousClock.Instant).duration(to: now.monotonic)) }
        let recent = await control.summary(of: id, since: start)
        // This run's samples are all in memory; for what was before it, and for what memory had no room for, the store
        // knows the telemetry of earlier runs.
        let isWhole = await control.remembersAll(of: id, since: start)
        let stored =
            isWhole
            ? nil
            : try await stored(of: id, since: since, until: wall)
        guard recent != nil || stored != nil else {
            throw CommandRefusal(404, "There is no sample of \(id) since \(since.rfc3339).")
        }
        let starts = [recent.map { date($0.start) }, stored?.start].compactMap(\.self)
        let ends = [recent.map { date($0.end) }, stored?.end].compactMap(\.self)
        return MaxMinReport(
            maximum: max(recent?.maximum ?? -.infinity, stored?.maximum ?? -.infinity),
            minimum: min(recent?.minimum ?? .infinity, stored?.minimum ?? .infinity),
            average: stored?.average ?? recent?.average ?? .nan,
            start: starts.min() ?? since, end: ends.max() ?? wall)
    }

    /// What the store knows of earlier; a disk that hangs gets less time than the hub gives the command.
    private func stored(
        of id: ThermostatID, since: WallTime, until: WallTime
    ) async throws(CommandRefusal) -> HistorySummary? {
        let looking = Task { [pump, isSimulated = settings.isSimulated] in
            await pump.summary(
                of: .temperature(of: id), since: since, until: until, simulated: isSimulated)
        }
        let deadline = time.now().monotonic.advanced(by: .seconds(5))
        guard let summary = await value(of: looking, by: deadline, time) else {
            throw CommandRefusal(
                503, "The disk does not answer, so what was before cannot be looked up; try again later.")
        }
        return summary
    }

    private func reboot(after delay: Duration) async throws(CommandRefusal) -> JSONValue {
        switch await reboots.request(from: .hub, after: delay, isForced: false) {
        case .accepted(let id): return ["rebootId": .string(id)]
        case .dryRun: return .object([:])
        case .refused(let refusal):
            throw CommandRefusal(
                refusal.status, refusal.reason, retryAfter: refusal.wait.map(\.wholeSeconds))
        }
    }
}
