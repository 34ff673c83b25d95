// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import LocalHub
import Testing

/// What tests of the store ask of the samples that arrive.
extension Rig {
    /// Waits until so many more samples of each stream have arrived, and no number is missing.
    func expectMore(_ more: Int = 25, streams: Int = 3, of agent: AgentProcess) async {
        let highest = await hub.arrivals().values.map(\.highest).max() ?? 0
        await expect("everything up to \(highest + more)", of: agent) {
            $0.hasAll(upTo: highest + more, streams: streams)
        }
    }

    /// Has samples wait while the hub refuses the agent, and lets it come back.
    func blackout(of agent: AgentProcess) async {
        let ended = await hub.endedConnections().count
        await hub.setFault(Fault(.refuseConnect(code: 3), count: 6))
        await hub.dropConnections()
        await expect("six refusals", of: agent) { $0.endedConnections().count >= ended + 7 }
        await expectMore(of: agent)
    }
}
