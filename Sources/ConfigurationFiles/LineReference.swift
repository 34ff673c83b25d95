// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A GPIO line as `agent.toml` names it: by the board's name, or by the chip's label.
package enum LineReference: Sendable, Hashable, CustomStringConvertible {
    /// A line of the board file, for example `pin-11`.
    case board(String)
    /// A line on the chip with that label, for example `pinctrl-bcm2711:GPIO17` or `pinctrl-rp1:17`.
    case chip(String, BoardDescription.Line.Identity)

    /// Linux, include/uapi/linux/gpio.h: `GPIO_MAX_NAME_SIZE` is 32 with the final zero.
    private static let longestName = 31
    /// More than any chip has.
    private static let offsets = 0...4095

    /// Reads the text of a `line` key; `nil` where it has none of the forms.
    ///
    /// The last colon divides, since labels such as `INT3450:00` have one; digits alone after it are an offset.
    package init?(_ text: String) {
        if ValueKind.isName(text, dashes: true) {
            self = .board(text)
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let chip = text[..<colon]
        let line = text[text.index(after: colon)...]
        let isPrintable = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isPrintable, (1...Self.longestName).contains(chip.utf8.count),
            (1...Self.longestName).contains(line.utf8.count)
        else { return nil }
        guard line.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            self = .chip(String(chip), .name(String(line)))
            return
        }
        guard let offset = Int(line), Self.offsets.contains(offset) else { return nil }
        self = .chip(String(chip), .offset(offset))
    }

    /// The text as it is written in the configuration.
    package var description: String {
        switch self {
        case .board(let name): name
        case .chip(let label, .name(let name)): "\(label):\(name)"
        case .chip(let label, .offset(let offset)): "\(label):\(offset)"
        }
    }
}

/// A line as the kernel knows it, with what the board file says of it.
package struct ResolvedLine: Sendable, Hashable {
    /// The chip's label.
    package var chip: String
    /// The line on that chip.
    package var identity: BoardDescription.Line.Identity
    /// The board file's entry; `nil` where it says nothing of the line.
    package var facts: BoardDescription.Line?
}

extension BoardDescription {
    /// The line that `reference` means; `nil` where the board does not name it, or not with its chip.
    package func line(of reference: LineReference) -> ResolvedLine? {
        switch reference {
        case .board(let name):
            guard let facts = lines.first(where: { $0.name == name }), let chip = facts.chip else {
                return nil
            }
            return ResolvedLine(chip: chip, identity: facts.identity, facts: facts)
        case .chip(let label, let identity):
            let facts = lines.first { line in
                guard (line.chip ?? label) == label else { return false }
                // Where the file has the offset, the kernel may have the maker's name all the same.
                return line.identity == identity || identity == .name(line.signal)
            }
            return ResolvedLine(chip: label, identity: identity, facts: facts)
        }
    }
}
