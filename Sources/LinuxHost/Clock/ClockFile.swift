// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

/// The file that remembers the last time that was known to be right, for a boot that begins in the past.
package struct ClockFile: Sendable {
    private let file: NoteFile

    /// Names the file `clock` of a directory.
    package init(directory: String) { file = NoteFile(directory: directory, name: "clock") }

    /// The remembered time; `nil` where there is none, or none that can be read.
    package func read() -> WallTime? { file.read().flatMap { WallTime(rfc3339: $0) } }

    /// Remembers a time; a power cut leaves the old one or none, and none is as good as a first start.
    package func write(_ time: WallTime) throws(HostError) { try file.write(time.rfc3339) }
}
