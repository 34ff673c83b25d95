// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import HardwareIO

/// A directory of attributes in memory: contents or failures by name; what is not listed does not exist.
package final class InMemorySysfsDevice: SysfsDevice {
    /// The directory, for error texts.
    package let location: String
    /// What each attribute holds, or the error number that opening or reading it returns.
    package var files: [String: Result<[UInt8], BusError>]
    /// Every write that succeeded, in order.
    package private(set) var writes: [(attribute: String, bytes: [UInt8])] = []
    /// The attributes that may be written.
    package var writable: Set<String> = []
    /// Every attribute read so far, in order.
    package private(set) var reads: [String] = []

    /// Makes a directory of these attributes.
    package init(_ files: [String: Result<[UInt8], BusError>], location: String = "in-memory directory") {
        self.files = files
        self.location = location
    }

    /// The failure that a Linux error number amounts to.
    package static func failure(linuxErrno number: Int32) -> Result<[UInt8], BusError> {
        .failure(
            BusError(
                BusError.Kind(linuxErrno: number), operation: "read", location: "in-memory file",
                errno: number))
    }

    /// The whole content of an attribute.
    package func read(_ attribute: String) throws(BusError) -> [UInt8] {
        reads.append(attribute)
        guard let file = files[attribute] else {
            throw BusError(.notFound, operation: "open", location: "\(location)/\(attribute)", errno: 2)
        }
        return try file.get()
    }

    /// The names of what is listed, those that cannot be read included.
    package func attributes() -> [String] { files.keys.sorted() }

    /// Replaces an attribute's content; throws `.permission` where it is not writable.
    package func write(_ bytes: [UInt8], to attribute: String) throws(BusError) {
        guard writable.contains(attribute) else {
            throw BusError(.permission, operation: "open", location: "\(location)/\(attribute)", errno: 13)
        }
        files[attribute] = .success(bytes)
        writes.append((attribute, bytes))
    }
}
