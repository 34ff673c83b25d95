// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
package import Quantities
import SensorDrivers

/// Looks at everything that a machine's buses have, without disturbing what is in use.
///
/// Each adapter is scanned on a thread of its own and in limited time, so that one that hangs does not hold up the others.
package struct Scanner: Sendable {
    /// Chips that the running agent reads: they are listed by its names for them and not touched.
    package struct InUse: Sendable {
        /// The sensor's name by the place of its chip.
        package var chips: [I2CChipAddress: SensorName]
        /// The sensor's name by 1-Wire id.
        package var oneWire: [String: SensorName]

        /// Nothing is in use unless told.
        package init(chips: [I2CChipAddress: SensorName] = [:], oneWire: [String: SensorName] = [:]) {
            self.chips = chips
            self.oneWire = oneWire
        }
    }

    /// How far the scan of one adapter has come.
    package struct Progress: Sendable, Hashable {
        /// The adapter's device file.
        package var deviceFile: String
        /// The addresses that are done.
        package var done: Int
        /// All addresses.
        package var total: Int

        /// Makes a step from its parts.
        package init(deviceFile: String, done: Int, total: Int) {
            self.deviceFile = deviceFile
            self.done = done
            self.total = total
        }
    }

    private let hardware: any Hardware
    private let time: any TimeSource
    private let inUse: InUse
    private let limit: Duration

    /// Prepares a scan; one adapter may take `limit`.
    package init(
        hardware: any Hardware, time: any TimeSource, inUse: InUse = InUse(), limit: Duration = .seconds(20)
    ) {
        self.hardware = hardware
        self.time = time
        self.inUse = inUse
        self.limit = limit
    }

    /// Scans everything; `progress` is called after every address, on the threads of the adapters.
    ///
    /// Where the task is cancelled, each adapter stops after the address that it is at, so that no chip is left in the
    /// middle of a question, and the report says that it is not complete.
    package func scan(_ progress: @escaping @Sendable (Progress) -> Void = { _ in }) async -> ScanReport {
        let adapters = hardware.i2cAdapters()
        var reports: [Int: ScanReport.Adapter] = [:]
        await withTaskGroup(of: (Int, ScanReport.Adapter).self) { group in
            for (index, adapter) in adapters.enumerated() {
                let bus = adapter.address(among: adapters)
                group.addTask { (index, await scan(adapter, bus, progress)) }
            }
            for await (index, report) in group { reports[index] = report }
        }
        return ScanReport(
            adapters: adapters.indices.compactMap { reports[$0] },
            oneWire: hardware.oneWireIDs().map(oneWireDevice),
            kernelSensors: hardware.kernelSensors().compactMap(ScanReport.KernelDevice.init))
    }

    private func scan(
        _ adapter: I2CAdapter, _ bus: I2CBusAddress, _ progress: @escaping @Sendable (Progress) -> Void
    ) async -> ScanReport.Adapter {
        let used = inUse.chips.reduce(into: [UInt8: SensorName]()) { used, entry in
            if entry.key.bus.names(adapter) { used[entry.key.address] = entry.value }
        }
        let findings = AdapterFindings(adapter)
        let walk = AdapterWalk(adapter, bus: bus, hardware: hardware, inUse: used, time: time)
        let task = Task { await walk.run(findings, progress) }
        await withTaskCancellationHandler {
            // In a task of its own: the wait for the address under way has to outlast the cancellation.
            await Task { await limited(to: limit, time) { await task.value } }.value
        } onCancel: {
            task.cancel()
        }
        task.cancel()
        return findings.report(limit: limit)
    }

    private func oneWireDevice(_ id: String) -> ScanReport.OneWireDevice {
        if let sensor = inUse.oneWire[id] {
            return ScanReport.OneWireDevice(id: id, finding: .inUse(sensor))
        }
        do throws(SensorError) {
            let identity = try ChipIdentification.identify(oneWireDirectory: id)
            return ScanReport.OneWireDevice(id: id, finding: .identified(identity))
        } catch {
            return ScanReport.OneWireDevice(id: id, finding: .unknown(reason: "it is no thermometer"))
        }
    }
}
