// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CGPIO
import Glibc
import HardwareIO

/// Finds GPIO chips by their labels and lines by their names, never by a number that a boot can change.
struct GPIOChips {
    /// Where device files are.
    let deviceRoot: String

    /// A line on this boot's machine.
    struct Place {
        var path: String
        var offset: UInt32
    }

    /// A chip of this boot's machine.
    struct Chip {
        var path: String
        var label: String
        var lineCount: UInt32
    }

    /// The one line that `address` names.
    func place(of address: LineAddress) throws(BusError) -> Place {
        let (chips, refusal) = readable()
        let matches = chips.filter { $0.label == address.chip }
        guard let chip = matches.first else {
            if let refusal { throw refusal }
            throw BusError(
                .notFound, operation: "find GPIO chip", location: address.description,
                advice: Self.list(chips))
        }
        guard matches.count == 1 else {
            let paths = matches.map(\.path).joined(separator: ", ")
            throw BusError(
                .notFound, operation: "find GPIO chip", location: address.description,
                advice: "\(matches.count) chips have this label (\(paths)), so it names none of them.")
        }
        return Place(path: chip.path, offset: try offset(of: address, on: chip))
    }

    /// What a person can do about an error number of a request.
    func advice(for number: CInt, _ place: Place) -> String {
        guard number == EBUSY else {
            return AccessAdvice.sentence(
                for: number, path: place.path,
                rule: #"SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660""#)
        }
        let holder = line(place.path, place.offset).map { Self.text($0.consumer) } ?? ""
        return holder.isEmpty
            ? "Somebody holds this line without a name, an overlay of the device tree perhaps: choose another line, or free it."
            : "\"\(holder)\" holds this line: stop that program or remove that overlay, or choose another line."
    }

    private func offset(of address: LineAddress, on chip: Chip) throws(BusError) -> UInt32 {
        switch address.line {
        case .offset(let offset):
            guard let offset = UInt32(exactly: offset), offset < chip.lineCount else {
                throw BusError(
                    .notFound, operation: "find GPIO line", location: address.description,
                    advice: "The chip has the lines 0 to \(Int(chip.lineCount) - 1).")
            }
            return offset
        case .name(let name):
            let offsets = (0..<chip.lineCount).filter { offset in
                line(chip.path, offset).map { Self.text($0.name) == name } ?? false
            }
            guard offsets.count == 1, let offset = offsets.first else {
                let problem = offsets.isEmpty ? "No line" : "More than one line"
                throw BusError(
                    .notFound, operation: "find GPIO line", location: address.description,
                    advice:
                        "\(problem) of \(chip.path) has this name: see `gpioinfo`, or name the line by its offset."
                )
            }
            return offset
        }
    }

    /// Every chip that could be opened, and why another one could not.
    private func readable() -> (chips: [Chip], refusal: BusError?) {
        var refusal: BusError?
        let names = SysfsTree.names(in: deviceRoot).filter { $0.hasPrefix("gpiochip") }
        let chips = names.sorted().compactMap { name -> Chip? in
            let path = "\(deviceRoot)/\(name)"
            var chip = cgpio_chip()
            guard cgpio_describe_chip(path, &chip) == 0 else {
                let number = errno
                refusal = BusError(
                    BusError.Kind(linuxErrno: number), operation: "open GPIO chip", location: path,
                    errno: number,
                    advice: advice(for: number, Place(path: path, offset: 0)))
                return nil
            }
            return Chip(path: path, label: Self.text(chip.label), lineCount: chip.line_count)
        }
        return (chips, refusal)
    }

    private func line(_ path: String, _ offset: UInt32) -> cgpio_line? {
        var line = cgpio_line()
        return cgpio_describe_line(path, offset, &line) == 0 ? line : nil
    }

    private static func list(_ chips: [Chip]) -> String {
        guard !chips.isEmpty else { return "This machine has no GPIO chip: is its driver loaded?" }
        return "Name one of the chips that exist: \(chips.map { "\"\($0.label)\"" }.joined(separator: ", "))."
    }

    /// The text in a buffer of C, up to its final zero.
    private static func text<Buffer>(_ buffer: Buffer) -> String {
        withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
