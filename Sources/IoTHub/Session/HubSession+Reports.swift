// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Quantities

extension HubSession {
    /// Queues a reported patch, or refuses it where there is no connection.
    mutating func enqueueReport(id: UInt64, payload: [UInt8], at now: Now) {
        if case .closed(let error) = gate {
            act(.finishReport(id: id, .failure(error)))
            return
        }
        reports.entries.append(ReportQueue.Entry(id: id, payload: payload))
        advanceReports(at: now)
    }

    /// Forgets a patch; one that is under way may still be applied by the hub.
    mutating func cancelReport(id: UInt64, at now: Now) {
        reports.remove(id: id)
        advanceReports(at: now)
        continueIfDrained(at: now)
    }

    /// Sends the first patch where none is under way.
    mutating func advanceReports(at now: Now) {
        guard reports.state == .idle, let entry = reports.entries.first else { return }
        switch phase {
        case .syncing, .online, .stopping: break
        default: return
        }
        let requestID = nextRequestID()
        reports.state = .requested(
            requestID: requestID, until: now.monotonic.advanced(by: configuration.limits.request))
        act(
            .publish(
                topic: HubTopic.reportedPatch(requestID: requestID), payload: entry.payload,
                requestID: requestID))
    }

    mutating func tickReports(at now: Now) {
        guard let deadline = reports.deadline, now.monotonic >= deadline else { return }
        if case .backingOff = reports.state {
            reports.state = .idle
            advanceReports(at: now)
        } else if noteSilence(of: "a reported patch", at: now) {
            repeatReport(at: now)
        }
    }

    /// Takes the hub's answer to the patch under way.
    mutating func finishReport(with answer: TwinAnswer, at now: Now) {
        switch answer.status {
        case 200..<300: finishFirstReport(.success(Int(clamping: answer.version ?? 0)), at: now)
        case 429, 500...:
            let suffix = ServiceErrorBody(answer.payload).suffix
            act(
                .log(
                    .warning,
                    "A reported patch was answered with \(answer.status)\(suffix); sending it again."))
            repeatReport(at: now)
        default:
            let suffix = ServiceErrorBody(answer.payload).suffix
            let text =
                "The hub rejected a reported patch with status \(answer.status)\(suffix); the same content will not "
                + "be accepted later."
            finishFirstReport(.failure(HubError(.rejected(status: answer.status), text)), at: now)
        }
    }

    /// Takes the failure to publish a request; a connection that ended says so itself, and silence has its limit.
    mutating func requestFailed(_ requestID: String, _ error: TransportError, at now: Now) {
        guard error.code == .invalidMessage, reports.expects(requestID) else { return }
        finishFirstReport(.failure(HubError(.invalidMessage, error.message)), at: now)
    }

    /// Fails every patch; by default because the connection ended.
    mutating func failReports(
        _ error: HubError = HubError(
            .connectionLost,
            "The connection to the hub ended before it confirmed the report; it can be sent again.")
    ) {
        while let entry = reports.removeFirst() { act(.finishReport(id: entry.id, .failure(error))) }
    }

    private mutating func finishFirstReport(_ result: Result<Int, HubError>, at now: Now) {
        if let entry = reports.removeFirst() { act(.finishReport(id: entry.id, result)) }
        advanceReports(at: now)
        continueIfDrained(at: now)
    }

    private mutating func repeatReport(at now: Now) {
        reports.failures += 1
        let delay = configuration.backoff.requestDelay(failures: reports.failures, random: random())
        reports.state = .backingOff(until: now.monotonic.advanced(by: delay))
        continueIfDrained(at: now)
    }
}
