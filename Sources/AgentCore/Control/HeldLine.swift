// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO
import StrictJSON

/// A real line that an agent holds, as it is noted for `sensor-agent relay off` after the agent's death.
///
/// The configuration may name another line by then, or none.
package struct HeldLine: Sendable, Equatable {
    /// The line.
    package var line: LineAddress
    /// How it was driven.
    package var use: LineUse
    /// The kernel's id of the boot in which it was held; `nil` where it could not be known.
    package var bootID: String?

    /// Describes a line that is held.
    package init(line: LineAddress, use: LineUse, bootID: String?) {
        self.line = line
        self.use = use
        self.bootID = bootID
    }

    /// What a note's file is called at its beginning and at its end.
    package static let (prefix, suffix) = ("relay-", ".json")

    /// The name of the note's file: one for each line, so that nobody who notes a line has to read what others have noted.
    package static func fileName(of line: LineAddress) -> String {
        switch line.line {
        case .name(let name): "\(prefix)\(escaped(line.chip)):\(escaped(name))\(suffix)"
        case .offset(let offset): "\(prefix)\(escaped(line.chip))@\(offset)\(suffix)"
        }
    }

    /// The note as one line of JSON.
    package var text: String {
        var note: [String: JSONValue] = [
            "chip": .string(line.chip), "activeLow": .bool(use.activeLow),
            "consumer": .string(use.consumer),
        ]
        switch line.line {
        case .name(let name): note["line"] = .string(name)
        case .offset(let offset): note["line"] = .int(Int64(offset))
        }
        if let bootID { note["boot"] = .string(bootID) }
        return JSONValue.object(note).text
    }

    /// Reads what ``text`` wrote; `nil` for anything else, as a level that was meant otherwise would switch on.
    package init?(parsing bytes: [UInt8]) {
        guard case .object(let note)? = try? JSONValue(parsing: bytes),
            note.keys.allSatisfy(["chip", "line", "activeLow", "consumer", "boot"].contains),
            let chip = Self.word(note["chip"]), let consumer = Self.word(note["consumer"]),
            case .bool(let activeLow)? = note["activeLow"]
        else { return nil }
        switch note["line"] {
        case .int(let offset)? where (0...Int64(UInt32.max)).contains(offset):
            line = LineAddress(chip: chip, line: .offset(Int(offset)))
        case let value:
            guard let name = Self.word(value) else { return nil }
            line = LineAddress(chip: chip, line: .name(name))
        }
        bootID = Self.word(note["boot"])
        if bootID == nil, note["boot"] != nil { return nil }
        use = LineUse(activeLow: activeLow, consumer: consumer)
    }

    /// Whether the note is of another boot than that with this id: the kernel's lines start anew at each.
    ///
    /// Where an id is not known, nothing proves that.
    package func isGone(in bootID: String?) -> Bool {
        guard let own = self.bootID, let bootID else { return false }
        return own != bootID
    }

    /// A text that can name something: not empty, not long, without control characters.
    private static func word(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value, (1...128).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return nil }
        return text
    }

    /// The text with each byte that may mean something in a file's name as `%` and its number.
    private static func escaped(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default: name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return name
    }
}

extension HeldLine {
    /// The relays to switch off where `configured` is what the configuration names now, and `held` what ended agents held.
    ///
    /// A line that is only simulated by now was driven all the same. Where both name a real line, the level that means off
    /// is the configuration's.
    package static func merged(_ configured: [RelaySetup], with held: [HeldLine]) -> [RelaySetup] {
        var relays = configured
        for held in held {
            let relay = RelaySetup(line: held.line, use: held.use, isReal: true)
            if let index = relays.firstIndex(where: { $0.line == held.line }) {
                if !relays[index].isReal { relays[index] = relay }
            } else {
                relays.append(relay)
            }
        }
        return relays
    }

    /// Whether the configuration calls the level off at which this line was on.
    package func isContradicted(by configured: [RelaySetup]) -> Bool {
        configured.contains { $0.isReal && $0.line == line && $0.use.activeLow != use.activeLow }
    }
}
