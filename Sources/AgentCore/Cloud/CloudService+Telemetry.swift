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
                    if error.code == .stopped || error.code == .cancelled { break }
                    guard error.isRetryable else {
                        log.error("A message was dropped because it can never be sent: \(error)")
                        outbox.remove(entry.number)
                        continue
                    }
                    outbox.delay(entry.number)
                    log.debug("A message waits: \(error)")
                    break
                }
            }
        }
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
