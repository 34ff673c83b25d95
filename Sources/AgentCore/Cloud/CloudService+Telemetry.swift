// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Logging
import PlugAndPlay
import Quantities

extension CloudService {
    /// Measures and sends this process's memory on its own drift-free schedule.
    func measureWorkingSet() async {
        let schedule = DriftFreeSchedule(start: time.now().monotonic, every: settings.telemetryInterval)
        var due = schedule.start
        while true {
            do { try await time.sleep(until: due) } catch { return }
            let now = time.now()
            if let kibibytes = workingSet() {
                await pump.offer(kibibytes, of: .workingSet, simulated: settings.isSimulated, takenAt: now)
            }
            due = schedule.next(after: now.monotonic)
        }
    }
}
