// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import PlugAndPlay
import RebootGuard
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

    /// Tells the guard which outcome the hub has confirmed, once nothing of it is left to be sent.
    func noteOutcome(in patch: JSONValue) {
        let (name, part) = (StatusDocument.name, StatusDocument.lastReboot)
        guard patch[name]?[part] != nil, reported.pending?[name]?[part] == nil,
            let last = reported.value(name, part), let id = last["id"]?.stringValue,
            last["state"]?.stringValue.flatMap(RebootRecord.State.init(rawValue:))?.isFinal == true
        else { return }
        reboots.acknowledge(id)
    }
}
