// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import AgentCore
import LinuxHost
import Quantities
import StrictJSON

/// Prints reports of sensors as a table or as JSON.
actor ReadOutput {
    private let isJSON: Bool
    /// Whether each row tells when it was printed, because more follow.
    private let isWatching: Bool
    private let clock: LinuxClock
    private var table: ReadingTable?
    /// Why nothing more can be printed; `nil` where it can, and where nobody reads any more.
    private(set) var problem: String?

    /// Makes an output that has printed nothing.
    init(isJSON: Bool, isWatching: Bool, clock: LinuxClock) {
        self.isJSON = isJSON
        self.isWatching = isWatching
        self.clock = clock
    }

    /// Prints reports; `all` are those of every sensor that may come, for the width of the columns.
    ///
    /// Returns `false` when nothing more can be printed.
    func print(_ reports: [SensorReport], of all: [SensorReport]) -> Bool {
        let time = clock.now().wall.map { String($0.rfc3339.prefix(19)) + "Z" }
        guard !isJSON else {
            var json = ReadRequest.json(reports)
            json["time"] = time.map(JSONValue.string)
            return offer(json.text)
        }
        let stamp = isWatching ? (time ?? "no time") + "  " : ""
        var lines: [String] = []
        if table == nil {
            let heading = isWatching ? "TIME" + String(repeating: " ", count: stamp.count - 4) : ""
            lines.append(heading + ReadingTable(all).header)
        }
        let table = self.table ?? ReadingTable(all)
        self.table = table
        lines += table.lines(reports).map { stamp + $0 }
        return offer(lines.joined(separator: "\n"))
    }

    private func offer(_ text: String) -> Bool {
        do throws(StandardOutput.Failure) {
            try StandardOutput.offer(text)
            return true
        } catch {
            problem = error.message
            return false
        }
    }
}
