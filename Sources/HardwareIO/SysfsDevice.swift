// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A device directory of sysfs.
public enum SysfsAddress: Sendable, Hashable, CustomStringConvertible {
    /// A 1-Wire slave by its full id, for example `28-0316a279fcff`.
    case oneWire(id: String)

    /// The text that people read.
    public var description: String {
        switch self {
        case .oneWire(let id): "1-Wire device \(id)"
        }
    }
}

/// A directory of attributes.
///
/// Not `Sendable`: reads may block for seconds, so it lives on its bus's own thread.
public protocol SysfsDevice: AnyObject {
    /// The directory, for error texts.
    var location: String { get }

    /// The whole content of an attribute: one open, one read of at least 4096 bytes from offset 0, one close.
    ///
    /// An empty result is success with no bytes, as the kernel gives it; the caller decides what that means.
    func read(_ attribute: String) throws(BusError) -> [UInt8]

    /// Writes an attribute in one call.
    func write(_ bytes: [UInt8], to attribute: String) throws(BusError)
}
