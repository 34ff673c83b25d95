// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
package import StrictJSON

extension CloudService {
    /// Wants a part of `agentStatus` reported, unless the installation has switched that off.
    package func report(status part: JSONValue) {
        guard settings.reportsStatus else { return }
        report([StatusDocument.name: part])
    }

    /// Reports the last state and disconnects in order for at most `duration`; takes no more than 6 s.
    package func leave(for duration: Duration) async {
        if isOnline, reported.pending != nil {
            await limited(to: .seconds(3), time) { await self.sendPending() }
        }
        await limited(to: .seconds(3), time) { await self.client.pause(for: duration) }
    }

    /// Connects again after ``leave(for:)``.
    package func comeBack() async { await client.resume() }

    /// Tells the guard which outcome the hub has confirmed.
    func noteOutcome(in patch: JSONValue) {
        guard let last = reported.value(StatusDocument.name, StatusDocument.lastReboot),
            patch[StatusDocument.name]?[StatusDocument.lastReboot] != nil, let id = last["id"]?.stringValue
        else { return }
        reboots.acknowledge(id)
    }
}
