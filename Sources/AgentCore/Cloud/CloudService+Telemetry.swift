// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities

extension CloudService {
    /// Sends what waits, oldest first; one that the connection took with it goes again.
    func pumpTelemetry() async {
        while await outboxSignal.wait() {
            while isOnline, let entry = outbox.first, !Task.isCancelled {
                do throws(HubError) {
                    try await client.send(entry.outgoing(at: time.now()))
                    outbox.remove(entry.number)
                } catch {
                    guard error.isRetryable else {
                        drop(entry, error)
                        continue
                    }
                    outbox.delay(entry.number)
                    log.debug("A message waits: \(error)")
                    break
                }
            }
        }
    }

    private func drop(_ entry: TelemetryOutbox.Entry, _ error: HubError) {
        guard error.code != .cancelled, error.code != .stopped else { return }
        outbox.remove(entry.number)
        log.error("A message was dropped because it can never be sent: \(error)")
    }

    /// Measures and sends this process's memory on its own drift-free schedule.
    func measureWorkingSet() async {
        let schedule = DriftFreeSchedule(start: time.now().monotonic, every: settings.telemetryInterval)
        var due = schedule.start
        while true {
            do { try await time.sleep(until: due) } catch { return }
            let now = time.now().monotonic
            if let kibibytes = workingSet() {
                let message = Telemetry.workingSet(kibibytes, simulated: settings.isSimulated)
                enqueue(message, measuredAt: now)
            }
            due = schedule.next(after: now)
        }
    }
}
