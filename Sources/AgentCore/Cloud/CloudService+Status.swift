// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Quantities

extension CloudService {
    /// The connection to the hub and what waits for it, for whoever asks on this machine.
    package func link() async -> (AgentStatus.Hub, AgentStatus.Outbox) {
        let status = await client.status
        // The event of the newest state may still be on its way; then its age is not known yet.
        let age = connection.flatMap { known in
            known.state == status.state ? max(.zero, known.since.duration(to: time.now().monotonic)) : nil
        }
        return (
            AgentStatus.Hub(
                state: status.state.rawValue, reason: status.reason, age: age, host: status.hub,
                deviceID: status.deviceID),
            await pump.status
        )
    }
}
