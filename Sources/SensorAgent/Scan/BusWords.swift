// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import HardwareIO

/// The words for adapters in the `bus` key of `agent.toml`.
struct BusWords {
    private let adapters: [I2CAdapter]
    private let buses: [(name: String, address: I2CBusAddress)]

    /// Words for the adapters of a report on that board.
    init(_ report: ScanReport, board: BoardDescription?) {
        adapters = report.adapters.map(\.i2cAdapter)
        buses = (board?.i2c ?? []).map { ($0.name, I2CBusAddress($0.location)) }
    }

    /// The board's name for an adapter; `nil` where it has none, or one that fits several.
    func boardBus(_ adapter: ScanReport.Adapter) -> String? {
        buses.first { means($0.address, adapter) }?.name
    }

    /// What to write: the board's name, else what lasts longest about the adapter.
    func word(for adapter: ScanReport.Adapter) -> String {
        if let name = boardBus(adapter) { return name }
        if Self.isWritable(adapter.name), means(.adapter(adapter.name), adapter) {
            return "adapter:\(adapter.name)"
        }
        if let parent = adapter.controller, Self.isWritable(parent), means(.controller(parent), adapter) {
            return "controller:\(parent)"
        }
        return "/dev/i2c-\(adapter.number)"
    }

    /// Whether an address means this adapter and no other.
    private func means(_ address: I2CBusAddress, _ adapter: ScanReport.Adapter) -> Bool {
        adapters.filter(address.names) == [adapter.i2cAdapter]
    }

    /// Whether the configuration takes the name: not too long, and nothing in it that a terminal would act on.
    private static func isWritable(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 180
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }
}
