// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities
import StateStore

extension CloudService {
    /// Brings the hub's reported section up to date whenever something changed or a twin was read.
    func pumpReports() async {
        while await reportSignal.wait() {
            while isOnline, let patch = reported.pending, !Task.isCancelled {
                guard await send(patch) else { break }
            }
        }
    }

    /// Sends one patch; returns whether it is settled, one way or the other.
    @discardableResult func send(_ patch: JSONValue) async -> Bool {
        do throws(HubError) {
            _ = try await client.report(patch)
            reported.settle(patch)
            await rememberAnswers()
            return true
        } catch {
            switch error.code {
            case .rejected, .invalidMessage:
                log.error(
                    "The hub refused reported properties, and will not get the same ones again: \(error)")
                reported.settle(patch)
                return true
            case .offline, .connectionLost, .stopped, .cancelled:
                log.debug("Reported properties wait: \(error)")
                return false
            }
        }
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

    /// Reports and stores a risen maximum, at most once a minute but for the last one.
    func reportMaximum(of id: ThermostatID, at now: ContinuousClock.Instant, isLast: Bool = false) async {
        guard let maximum = maxima[id]?.take(at: now, ignoringInterval: isLast) else { return }
        report(ReportedProperties.maximum(maximum, of: id))
        guard let bootID = settings.bootID else { return }
        do {
            _ = try await store.raiseMaximum(id.rawValue, to: maximum, bootID: bootID)
        } catch {
            log.warning("The highest temperature of this boot could not be stored: \(error)")
        }
    }
}
