// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CSQLite

/// A value that goes into a statement.
enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)

    /// An integer, or null for `nil`.
    static func optional(_ integer: Int64?) -> SQLValue { integer.map(SQLValue.integer) ?? .null }

    /// A text, or null for `nil`.
    static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }

    /// A number, or null for `nil`.
    static func optional(_ number: Double?) -> SQLValue { number.map(SQLValue.real) ?? .null }
}

/// A prepared statement; it goes back to its cache when it goes out of scope.
struct Statement: ~Copyable {
    private let handle: OpaquePointer
    private let location: String
    private let sql: String
    private let cache: StatementCache

    /// Takes the first statement of `sql` from the cache, or compiles it.
    ///
    /// C function: `sqlite3_prepare_v3`.
    init(
        _ sql: String, on connection: OpaquePointer, from cache: StatementCache, location: String
    ) throws(StoreError) {
        handle = try cache.take(sql, on: connection, location: location)
        self.location = location
        self.sql = sql
        self.cache = cache
    }

    deinit { cache.giveBack(handle, sql) }

    /// Sets all parameters, in order; a statement that ran before begins anew.
    ///
    /// C functions: `sqlite3_reset`, `sqlite3_bind_…`.
    borrowing func bind(_ values: [SQLValue]) throws(StoreError) {
        // The result of a reset is that of the last step, which was thrown already.
        sqlite3_reset(handle)
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, index)
                case .integer(let integer): sqlite3_bind_int64(handle, index, integer)
                case .real(let real): sqlite3_bind_double(handle, index, real)
                case .text(let text): csqlite_bind_text(handle, index, text, Int32(text.utf8.count))
                }
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// Runs to the next row; returns whether there is one.
    ///
    /// C function: `sqlite3_step`.
    borrowing func step() throws(StoreError) -> Bool {
        let code = ResultCode(sqlite3_step(handle))
        switch code {
        case .row: return true
        case .done: return false
        default: throw failure(code.rawValue)
        }
    }

    /// The column as an integer, or `nil` where it is null.
    borrowing func integer(_ column: Int32) -> Int64? {
        isNull(column) ? nil : sqlite3_column_int64(handle, column)
    }

    /// The column as a floating-point number, or `nil` where it is null.
    borrowing func real(_ column: Int32) -> Double? {
        isNull(column) ? nil : sqlite3_column_double(handle, column)
    }

    /// The column as text, or `nil` where it is null; bytes that are not UTF-8 are replaced.
    borrowing func text(_ column: Int32) -> String? {
        // The text must be asked for before its length, which is that of the last conversion.
        guard let start = sqlite3_column_text(handle, column) else { return nil }
        let length = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    /// The column with the type it has; a blob, which no table here holds, is null.
    borrowing func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: .optional(text(column))
        default: .null
        }
    }

    private borrowing func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    private borrowing func failure(_ code: Int32) -> StoreError {
        StoreError(sqlite3_db_handle(handle), code, location)
    }
}

extension StoreError {
    /// The last failure of a connection; the operation is filled in by whoever knows it.
    init(_ connection: OpaquePointer?, _ code: Int32, _ location: String) {
        let systemError = sqlite3_system_errno(connection)
        self.init(
            ResultCode(code).kind(systemError: systemError), operation: "use the state file",
            location: location,
            code: code, detail: sqlite3_errmsg(connection).map { String(cString: $0) } ?? "")
    }
}
