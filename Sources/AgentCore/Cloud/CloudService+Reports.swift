// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities
import StateStore
import StrictJSON

extension CloudService {
    /// Brings the hub's reported section up to date whenever something changed or a twin was read.
    func pumpReports() async {
        while await reportSignal.wait() { await sendPending() }
    }

    /// Sends what the hub lacks until it lacks nothing or cannot be reached; after whoever does so already, who would send
    /// the same.
    func sendPending() async {
        while let reporting, !Task.isCancelled { await reporting.wait() }
        guard reporting == nil else { return }
        let done = Ending()
        reporting = done
        defer {
            reporting = nil
            done.tell()
        }
        while isOnline, let patch = reported.pending, !Task.isCancelled {
            guard await send(patch) else { return }
        }
    }

    /// Sends one patch; returns whether it is settled, one way or the other.
    private func send(_ patch: JSONValue) async -> Bool {
        do throws(HubError) {
            _ = try await client.report(patch)
            reported.settle(patch)
            noteOutcome(in: patch)
            rememberAnswers()
            return true
        } catch {
            switch error.code {
            case .rejected, .invalidMessage:
                return await settleRefused(patch, error)
            case .offline, .connectionLost, .stopped, .cancelled:
                log.debug("Reported properties wait: \(error)")
                return false
            }
        }
    }

    /// One bad value must not take the others with it: each part is tried alone, and only what is refused is given up.
    private func settleRefused(_ patch: JSONValue, _ error: HubError) async -> Bool {
        guard let members = patch.objectValue, members.count > 1 else {
            log.error("The hub refused reported properties, and will not get the same ones again: \(error)")
            reported.settle(patch)
            return true
        }
        for (name, value) in members {
            guard await send(.object([name: value])) else { return false }
        }
        return true
    }

    /// Wants something reported.
    func report(_ part: JSONValue) {
        reported.want(part)
        reportSignal.send()
    }

    /// Takes up the maxima that an earlier run of this boot left.
    func restoreMaxima() async {
        guard let bootID = settings.bootID else { return }
        for id in ThermostatID.allCases {
            do {
                let known = try await store.maximumTemperature(id.rawValue, bootID: bootID)
                if let known { maxima[id]?.raise(to: known) }
            } catch {
                log.warning("The highest temperature of this boot could not be read: \(error)")
            }
        }
    }

    /// Takes a temperature that may be the highest of this boot; what rises is stored at once, behind the back.
    func raiseMaximum(of id: ThermostatID, to celsius: Double) {
        guard celsius > maxima[id]?.maximum ?? -.infinity else { return }
        maxima[id]?.raise(to: celsius)
        guard let bootID = settings.bootID else { return }
        storeQueue.add("maximum \(id.rawValue)") {
            _ = try await $0.raiseMaximum(id.rawValue, to: celsius, bootID: bootID)
        }
    }

    /// Reports a risen maximum, at most once a minute but for the last one.
    func reportMaximum(of id: ThermostatID, at now: ContinuousClock.Instant, isLast: Bool = false) {
        guard let maximum = maxima[id]?.take(at: now, ignoringInterval: isLast) else { return }
        report(ReportedProperties.maximum(maximum, of: id))
    }
}
