// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension Database {
    /// Replaces all rows of all tables by those of another database with the same layout, in one transaction.
    ///
    /// Unlike SQLite's backup it works whatever the page sizes are.
    func replaceAll(from source: Database, tables wanted: Set<String>? = nil, keeping: Bool = false)
        throws(StoreError)
    {
        let tables = try rows("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.text(0) ?? "" }
        try transaction { () throws(StoreError) in
            for table in tables where wanted?.contains(table) ?? true {
                if !keeping { try run("DELETE FROM \(table)") }
                try copyRows(of: table, from: source)
            }
        }
        known = KnownRows()
    }

    private func copyRows(of table: String, from source: Database) throws(StoreError) {
        let columns = try rows("PRAGMA table_info(\(table))") { $0.text(1) ?? "" }
        let names = columns.joined(separator: ", ")
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let insert = try prepare("INSERT OR REPLACE INTO \(table) (\(names)) VALUES (\(marks))")
        let select = try source.prepare("SELECT \(names) FROM \(table)")
        while try select.step() {
            try insert.bind(columns.indices.map { select.value(Int32($0)) })
            while try insert.step() {}
        }
    }
}
