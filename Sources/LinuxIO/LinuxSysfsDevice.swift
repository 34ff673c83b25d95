// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
package import HardwareIO

/// A 1-Wire slave's directory below `bus/w1/devices`.
package final class LinuxSysfsDevice: SysfsDevice {
    /// The directory, for error texts.
    package let location: String

    /// Names the directory; throws `.notFound` where it does not exist or `id` is not a 1-Wire id.
    init(oneWire id: String, sysfsRoot: String) throws(BusError) {
        let devices = "\(sysfsRoot)/bus/w1/devices"
        guard Self.isOneWireID(id) else {
            throw BusError(
                .notFound, operation: "find 1-Wire device", location: "\"\(id)\"",
                advice: "An id is two hex digits, - and 12 hex digits, all lower case, as in 28-0316a279fcff."
            )
        }
        location = "\(devices)/\(id)"
        guard SysfsTree.isDirectory(location) else {
            throw BusError(
                .notFound, operation: "find 1-Wire device", location: location,
                advice: Self.list(Self.ids(in: devices), devices: devices))
        }
    }

    /// The whole content of an attribute, as ``HardwareIO/SysfsDevice/read(_:)`` says.
    package func read(_ attribute: String) throws(BusError) -> [UInt8] {
        try SysfsTree.content(of: try path(of: attribute), advice: Self.advice)
    }

    /// The names in the directory, sorted; empty where it has gone.
    package func attributes() -> [String] { SysfsTree.names(in: location) }

    /// Writes an attribute in one call.
    ///
    /// C functions: `open`, `write`.
    package func write(_ bytes: [UInt8], to attribute: String) throws(BusError) {
        let path = try path(of: attribute)
        let file = try FileDescriptor(path, O_WRONLY, advice: Self.advice)
        try SysfsTree.write(bytes, to: file, path: path, advice: Self.advice)
    }

    /// The ids of all slaves in `directory`; phantoms of a noisy bus, which begin with `00-`, are left out.
    static func ids(in directory: String) -> [String] {
        SysfsTree.names(in: directory).filter { isOneWireID($0) && !$0.hasPrefix("00-") }
    }

    /// Whether `id` is two and twelve lower-case hex digits with `-` between; nothing else becomes part of a path.
    static func isOneWireID(_ id: String) -> Bool {
        let digits = Set("0123456789abcdef".utf8)
        let bytes = Array(id.utf8)
        return bytes.count == 15 && bytes[2] == UInt8(ascii: "-")
            && bytes[..<2].allSatisfy(digits.contains) && bytes[3...].allSatisfy(digits.contains)
    }

    private func path(of attribute: String) throws(BusError) -> String {
        guard SysfsTree.isAttribute(attribute) else {
            throw BusError(.notFound, operation: "open", location: "\(location)/\(attribute)")
        }
        return "\(location)/\(attribute)"
    }

    private static func advice(for number: CInt) -> String {
        switch number {
        case EACCES, EPERM: "Run as a user who may open this file; writing needs root on most kernels."
        case ENOENT, ENODEV: "Check the wiring: the kernel does not see the device now."
        default: ""
        }
    }

    private static func list(_ ids: [String], devices: String) -> String {
        guard SysfsTree.isDirectory(devices) else {
            return "The kernel's 1-Wire subsystem is not there: enable 1-Wire in the board's configuration."
        }
        guard !ids.isEmpty else { return "The kernel sees no 1-Wire device: check wiring and supply." }
        return "The kernel sees these: \(ids.joined(separator: ", "))."
    }
}
