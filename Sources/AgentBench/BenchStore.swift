// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Quantities
import StateStore
import ThreadExecutor

/// Both tiers of the store, opened as the agent opens them.
struct BenchStore {
    let state: StateStore
    let telemetry: TelemetryStore

    /// Opens or makes both files; throws where one of them is not used.
    static func open(
        state directory: String, young: String, at wall: WallTime?
    ) async throws(Failure) -> BenchStore {
        let state = await StateStore.open(
            .file("\(directory)/state.sqlite"), executor: ThreadExecutor(name: "store"), at: wall)
        let telemetry = await TelemetryStore.open(
            young: .file("\(young)/outbox.sqlite"), executor: ThreadExecutor(name: "outbox"), disk: state,
            at: wall, in: nil, newSeries: { String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16) })
        let status = await telemetry.status
        guard status.youngIsDurable, status.diskIsDurable else {
            let notices = (state.opening + telemetry.opening).map { "\($0)" }
            throw Failure(message: "the store is not in its files: \(notices.joined(separator: " "))")
        }
        return BenchStore(state: state, telemetry: telemetry)
    }

    /// Closes both files.
    func close() async {
        await telemetry.close()
        await state.close()
    }
}
