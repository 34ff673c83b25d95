// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Quantities

extension StateStore {
    /// Goes back to the file, where the state fell back to memory and the file can be written by now.
    ///
    /// What was set in the meantime goes into the file. Returns whether the state outlives the process.
    package func recover(at wall: WallTime?) -> Bool {
        guard !isDurable, case .file(let path) = location, let memory = database else { return isDurable }
        guard let fresh = openedDurably(at: wall) else { return false }
        // What could be read is in memory.
        let replaces = !isCarried && fresh.hasRows(in: Self.remembered)
        // Telemetry never goes into memory, so that the file's is the latest; all else is what memory holds.
        guard
            (try? fresh.replaceAll(from: memory, tables: Self.remembered, keeping: !isCarried)) != nil
        else { return false }
        use(fresh)
        announce.yield(.recovered(path: path, replaced: replaces))
        return true
    }

    /// Opens the file anew, where the one that is open has gone away; returns whether it could be.
    ///
    /// A medium that was pulled and put back is another one to the kernel: what is open on it never works again.
    func reopen(at wall: WallTime?) -> Bool {
        guard isDurable, database != nil, let fresh = openedDurably(at: wall) else { return false }
        use(fresh)
        return true
    }

    private func openedDurably(at wall: WallTime?) -> Database? {
        let opened = StoreOpening(schema: .current, wall: wall, vfs: vfs).open(location)
        guard opened.isDurable else { return nil }
        opened.notices.forEach { announce.yield($0) }
        return opened.database
    }

    /// The tables of which memory has the latest.
    private static let remembered: Set<String> = [
        "target", "desired", "confirmed_report", "maximum", "thermostat", "dps_assignment", "event",
    ]
}

extension Database {
    /// Whether one of these tables has a row.
    fileprivate func hasRows(in tables: Set<String>) -> Bool {
        tables.contains { table in (try? integer("SELECT 1 FROM \(table) LIMIT 1")) == 1 }
    }
}
