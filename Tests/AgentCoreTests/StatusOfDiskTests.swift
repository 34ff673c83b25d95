// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import AgentCore

@Suite("What status makes of the store") struct StatusOfDiskTests {
    @Test(
        "A call that has not returned for more than 3 s means a disk that hangs",
        arguments: [
            (nil, true, .ok), (nil, false, .memory), (2, false, .ok), (3, true, .ok), (4, true, .hangs),
            (4, false, .hangs),
        ] as [(Int?, Bool, AgentStatus.Disk.State)])
    func state(busyFor: Int?, isDurable: Bool, state: AgentStatus.Disk.State) {
        let now = ContinuousClock.now
        let disk = AgentStatus.Disk(
            busySince: busyFor.map { now - .seconds($0) }, isDurable: isDurable, isPastUnknown: false, at: now
        )
        #expect(disk.state == state)
        #expect(disk.hangsFor == (state == .hangs ? .seconds(4) : nil))
    }
}
