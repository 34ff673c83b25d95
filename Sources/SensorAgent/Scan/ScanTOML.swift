// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import ConfigurationFiles
import SensorDrivers

/// The sections of `agent.toml` for what a scan has recognised.
struct ScanTOML {
    /// One chip for which there may be a section.
    private struct Entry {
        /// What the section is called after.
        var title: String
        /// What it can be, the likeliest first, as far as there are drivers for it.
        var drivers: [String]
        /// All that it can be.
        var candidates: [String]
        /// The lines that say where it is.
        var place: [String]
        /// The place for people.
        var location: String
    }

    private let entries: [Entry]
    private let choice: BoardConfiguration

    /// Sections for a report; `choice` is what a person said about the board, where it was not found by itself.
    init(_ report: ScanReport, board: BoardDescription?, choice: BoardConfiguration = BoardConfiguration()) {
        let words = BusWords(report, board: board)
        let chips = report.adapters.flatMap { adapter in
            let word = words.word(for: adapter)
            return adapter.chips.compactMap { chip in
                Self.entry(chip, bus: word) ?? Self.entry(chip, on: adapter, bus: word, report.kernelSensors)
            }
        }
        entries = chips + report.oneWire.compactMap(Self.entry)
        self.choice = choice
    }

    /// The text; empty where nothing was recognised.
    var text: String {
        guard !entries.isEmpty else { return "" }
        var names = SectionNames(entries.filter { !$0.drivers.isEmpty }.map(\.title))
        var blocks = entries.map { entry in
            guard !entry.drivers.isEmpty else {
                let parts = entry.candidates.joined(separator: " or ")
                return "# \(entry.location): \(parts), for which this version has no driver."
            }
            return Self.section(entry, name: names.next(for: entry.title))
        }
        if let boardSection, entries.contains(where: { !$0.drivers.isEmpty }) {
            blocks.insert(boardSection, at: 0)
        }
        return "# For agent.toml:\n\n" + blocks.joined(separator: "\n\n")
    }

    /// Without it the words for buses would mean nothing on the next start.
    private var boardSection: String? {
        if let name = choice.name { return "[board]\nname = \(Self.quoted(name))" }
        return choice.file.map { "[board]\nfile = \(Self.quoted($0))" }
    }

    private static func section(_ entry: Entry, name: String) -> String {
        var lines = ["[sensors.\(name)]", "driver = \(quoted(entry.drivers[0]))"]
        if entry.drivers.count > 1 {
            lines.append("# These answer alike: keep the line of the part that is fitted.")
            lines += entry.drivers.dropFirst().map { "# driver = \(quoted($0))" }
        }
        return (lines + entry.place).joined(separator: "\n")
    }

    private static func entry(_ chip: ScanReport.Chip, bus: String) -> Entry? {
        guard case .identified(let identity) = chip.finding else { return nil }
        let drivers = identity.candidates.filter { name in
            DriverCatalog.driver(named: name)?.addresses.contains(chip.address) == true
        }
        let address = hexadecimal(chip.address)
        return Entry(
            title: drivers.first ?? "", drivers: drivers, candidates: identity.candidates,
            place: ["bus = \(quoted(bus))", "address = \(address)"], location: "\(address) on \(bus)")
    }

    /// A chip that a kernel driver holds and measures is read through that driver.
    private static func entry(
        _ chip: ScanReport.Chip, on adapter: ScanReport.Adapter, bus: String,
        _ devices: [ScanReport.KernelDevice]
    ) -> Entry? {
        guard case .held(let holder) = chip.finding,
            let device = devices.first(where: {
                $0.adapter == adapter.number && $0.address == chip.address && !$0.attributes.isEmpty
            }), let driver = DriverCatalog.driver(named: device.kind.rawValue)?.name
        else { return nil }
        let address = hexadecimal(chip.address)
        let title = device.name ?? holder ?? driver
        return Entry(
            title: title, drivers: [driver], candidates: [driver],
            place: [
                "# A kernel driver holds this chip, so its values are read.", "bus = \(quoted(bus))",
                "address = \(address)",
            ], location: "\(address) on \(bus)")
    }

    private static func entry(_ device: ScanReport.OneWireDevice) -> Entry? {
        guard case .identified(let identity) = device.finding else { return nil }
        let drivers = identity.candidates.filter { DriverCatalog.driver(named: $0) != nil }
        return Entry(
            title: drivers.first ?? "", drivers: drivers, candidates: identity.candidates,
            place: ["id = \(quoted(device.id))"],
            location: "1-Wire \(device.id)")
    }

    /// A basic string of TOML; a control character cannot come here, because no name with one is written.
    private static func quoted(_ text: String) -> String {
        let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }

    /// Names for sections: what the chip is called, with a letter where several are called the same.
    private struct SectionNames {
        private let counts: [String: Int]
        private var used: [String: Int] = [:]

        init(_ titles: [String]) {
            counts = titles.reduce(into: [:]) { $0[Self.word($1), default: 0] += 1 }
        }

        mutating func next(for title: String) -> String {
            let name = Self.word(title)
            guard counts[name, default: 0] > 1 else { return name }
            let index = used[name, default: 0]
            used[name] = index + 1
            return name + Self.letters(index)
        }

        /// What the configuration takes for a name: lower-case letters and digits.
        private static func word(_ title: String) -> String {
            let word = title.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
            return word.isEmpty ? "sensor" : word
        }

        /// a…y, then za, zb and so on, so that no name comes twice.
        private static func letters(_ index: Int) -> String {
            let alphabet = Array("abcdefghijklmnopqrstuvwxy")
            return String(repeating: "z", count: index / alphabet.count)
                + String(alphabet[index % alphabet.count])
        }
    }
}

/// `address` as the configuration writes it.
func hexadecimal(_ address: UInt8) -> String {
    let digits = String(address, radix: 16)
    return "0x\(digits.count < 2 ? "0" : "")\(digits)"
}
