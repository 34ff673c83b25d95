// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
package import HardwareIO

/// The directory of a hwmon or IIO device or of a thermal zone, held open.
///
/// The kernel gives the number of a device that went to the next one that comes. Files are therefore looked up in the
/// directory that was opened, never by its path: when that device goes, every read fails with `.notFound`.
package final class LinuxKernelDevice: SysfsDevice {
    /// The directory as it was found, for error texts.
    package let location: String
    private let directory: FileDescriptor

    /// Opens the directory.
    init(_ path: String) throws(BusError) {
        location = path
        directory = try FileDescriptor(path, O_RDONLY, advice: Self.advice)
    }

    /// The whole content of an attribute, as ``HardwareIO/SysfsDevice/read(_:)`` says.
    package func read(_ attribute: String) throws(BusError) -> [UInt8] {
        let file = try open(attribute, O_RDONLY)
        return try SysfsTree.content(of: file, path: "\(location)/\(attribute)", advice: Self.advice)
    }

    /// The names in the directory, sorted; empty where it has gone.
    package func attributes() -> [String] { SysfsTree.names(in: directory) }

    /// Writes an attribute in one call.
    package func write(_ bytes: [UInt8], to attribute: String) throws(BusError) {
        let file = try open(attribute, O_WRONLY)
        try SysfsTree.write(bytes, to: file, path: "\(location)/\(attribute)", advice: Self.advice)
    }

    private func open(_ attribute: String, _ flags: CInt) throws(BusError) -> FileDescriptor {
        let path = "\(location)/\(attribute)"
        guard SysfsTree.isAttribute(attribute) else {
            throw BusError(.notFound, operation: "open", location: path)
        }
        return try FileDescriptor(attribute, in: directory, flags, path: path, advice: Self.advice)
    }

    private static func advice(for number: CInt) -> String {
        switch number {
        case EACCES, EPERM: "Run as a user who may open this file."
        case ENOENT, ENODEV: "The device has gone: see whether its kernel driver is still bound."
        case EAGAIN, ENODATA: "The kernel's driver has no value: it is not ready, or this channel is off."
        case EBUSY: "A buffer or trigger of the device is in use: switch it off."
        case EIO, ENXIO, EREMOTEIO, ETIMEDOUT:
            "The kernel's driver could not read its chip: check wiring and supply."
        default: ""
        }
    }
}
