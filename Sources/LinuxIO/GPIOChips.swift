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
        /// The kernel's name: the same for two device files of one chip, different for two chips.
        var name: String
        var label: String
        var lineCount: UInt32
    }

    /// A line as the kernel describes it; empty texts stand for none.
    struct Line {
        var name: String
        var consumer: String
    }

    /// The one line that `address` names.
    ///
    /// Throws `.notFound` with the chips or lines that exist, or the error of a chip that could not be opened where no
    /// other one fits.
    func place(of address: LineAddress) throws(BusError) -> Place {
        let chip = try chip(of: address)
        switch address.line {
        case .offset(let offset):
            guard let offset = UInt32(exactly: offset), offset < chip.lineCount else {
                throw Self.notFound(
                    "find GPIO line", address, "The chip has the lines \(Self.range(of: chip)).")
            }
            return Place(path: chip.path, offset: offset)
        case .name(let name):
            let names = try names(of: chip)
            // A line without a name has an empty one, which names nothing.
            let offsets = names.indices.filter { !name.isEmpty && names[$0] == name }
            guard let offset = offsets.first, offsets.count == 1 else {
                throw Self.notFound(
                    "find GPIO line", address, Self.advice(for: offsets, among: names, of: chip))
            }
            return Place(path: chip.path, offset: UInt32(offset))
        }
    }

    /// The name and the holder of a line, free or not.
    func line(at place: Place) throws(BusError) -> Line {
        var line = cgpio_line()
        _ = try systemCall(
            "describe GPIO line", at: "\(place.path) offset \(place.offset)", advice: Self.advice
        ) {
            Int(cgpio_describe_line(place.path, place.offset, &line))
        }
        return Line(name: Self.text(line.name), consumer: Self.text(line.consumer))
    }

    private func chip(of address: LineAddress) throws(BusError) -> Chip {
        let (chips, refusal) = readable(for: address)
        let matches = chips.filter { $0.label == address.chip }
        guard let chip = matches.first else {
            if let refusal { throw refusal }
            throw Self.notFound("find GPIO chip", address, list(chips))
        }
        guard matches.count == 1 else {
            let paths = matches.map(\.path).joined(separator: ", ")
            throw Self.notFound(
                "find GPIO chip", address,
                """
                \(matches.count) chips have this label (\(paths)), so it names none of them: disconnect all but one, or \
                choose a line of another chip.
                """)
        }
        return chip
    }

    /// Every chip that could be opened, each once, and why another one could not.
    private func readable(for address: LineAddress) -> (chips: [Chip], refusal: BusError?) {
        var chips: [Chip] = []
        var refusal: BusError?
        for file in SysfsTree.names(in: deviceRoot) where file.hasPrefix("gpiochip") {
            let path = "\(deviceRoot)/\(file)"
            do throws(BusError) {
                let chip = try Self.chip(at: path, for: address)
                // Raspberry Pi OS links the former number of the Pi 5's header chip, gpiochip4, to the present one.
                if !chips.contains(where: { $0.name == chip.name }) { chips.append(chip) }
            } catch {
                // A file that is no GPIO chip, or no longer one, hides nothing; a refusal may hide what is looked for.
                guard ![ENOTTY, ENODEV, ENXIO, ENOENT].contains(error.errno) else { continue }
                if refusal?.kind != .permission { refusal = error }
            }
        }
        return (chips, refusal)
    }

    private static func chip(at path: String, for address: LineAddress) throws(BusError) -> Chip {
        var chip = cgpio_chip()
        _ = try systemCall(
            "open GPIO chip", at: "\(path), looking for \(address)", advice: { access($0, path: path) }
        ) { Int(cgpio_describe_chip(path, &chip)) }
        return Chip(path: path, name: text(chip.name), label: text(chip.label), lineCount: chip.line_count)
    }

    private func names(of chip: Chip) throws(BusError) -> [String] {
        var names: [String] = []
        for offset in 0..<chip.lineCount {
            names.append(try line(at: Place(path: chip.path, offset: offset)).name)
        }
        return names
    }

    /// The text in a buffer of C, up to its final zero.
    private static func text<Buffer>(_ buffer: Buffer) -> String {
        withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// What a person can do about an error.
extension GPIOChips {
    /// The advice for an error number of a request.
    func advice(forRequest number: CInt, at place: Place) -> String {
        switch number {
        case EBUSY:
            let holder = (try? line(at: place))?.consumer ?? ""
            return holder.isEmpty
                ? """
                Somebody holds this line without a name, an overlay of the device tree perhaps: choose another line, or \
                free it.
                """
                : "\"\(holder)\" holds this line: stop that program or remove that overlay, or choose another line."
        case EINVAL, EIO, EOPNOTSUPP:
            return "The chip does not drive this line: choose one that can be an output."
        case ENODEV, ENXIO: return Self.advice(for: number)
        default: return Self.access(number, path: place.path)
        }
    }

    /// The advice for an error number of a line that is held already.
    static func advice(for number: CInt) -> String {
        [ENODEV, ENXIO].contains(number)
            ? "The chip is gone: plug it in or load its driver, and request the line again." : ""
    }

    private static func access(_ number: CInt, path: String) -> String {
        AccessAdvice.sentence(
            for: number, path: path,
            rule: #"SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660""#)
    }

    private static func advice(for offsets: [Int], among names: [String], of chip: Chip) -> String {
        if !offsets.isEmpty {
            let list = offsets.map(String.init).joined(separator: ", ")
            return "The lines \(list) have this name: name the one by its offset."
        }
        return names.allSatisfy(\.isEmpty)
            ? "The lines of \(chip.path) have no names: name this one by its offset, \(range(of: chip))."
            : "No line of \(chip.path) has this name: see `gpioinfo`, or name it by its offset, \(range(of: chip))."
    }

    private func list(_ chips: [Chip]) -> String {
        guard !chips.isEmpty else {
            return
                "This machine has no GPIO chip in \(deviceRoot): load its driver, or enable it in the board's configuration."
        }
        return "Name one of the chips that exist: \(chips.map { "\"\($0.label)\"" }.joined(separator: ", "))."
    }

    private static func range(of chip: Chip) -> String { "0 to \(Int(chip.lineCount) - 1)" }

    private static func notFound(_ operation: String, _ address: LineAddress, _ advice: String) -> BusError {
        BusError(.notFound, operation: operation, location: address.description, advice: advice)
    }
}
