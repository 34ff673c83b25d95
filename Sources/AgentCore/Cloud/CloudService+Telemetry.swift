// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities

extension CloudService {
    /// Has a value sent, unless the hub's day is nearly used up.
    func offer(_ value: Double, of telemetry: Telemetry, simulated: Bool, takenAt: Now) async {
        switch account?.decide(telemetry.component ?? "") ?? .send {
        case .send: await pump.offer(value, of: telemetry, simulated: simulated, takenAt: takenAt)
        case .skip: break
        case .beginToSkip:
            log.warning(
                """
                Most of the messages that the hub takes on one day are used up: telemetry slows down until midnight UTC. \
                Set telemetry.interval so that the day is enough; `sensor-agent check` says what fits.
                """)
        }
    }

    /// Measures and sends this process's memory on its own drift-free schedule.
    func measureWorkingSet() async {
        let schedule = DriftFreeSchedule(start: time.now().monotonic, every: settings.telemetryInterval)
        var due = schedule.start
        while true {
            do { try await time.sleep(until: due) } catch { return }
            let now = time.now()
            if let kibibytes = workingSet() {
                await offer(kibibytes, of: .workingSet, simulated: settings.isSimulated, takenAt: now)
            }
            due = schedule.next(after: now.monotonic)
        }
    }
}
