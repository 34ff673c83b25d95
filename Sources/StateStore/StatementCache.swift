// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CSQLite

/// Compiled statements of one connection that wait for their next use, by their text.
///
/// Compiling costs ten times what running a small statement does.
final class StatementCache {
    /// More texts than the store has; what comes beyond is compiled each time.
    private static let capacity = 96

    private var idle: [String: OpaquePointer] = [:]
    private var isClosed = false

    /// Takes the statement out, or compiles it; a second user at the same time gets one of its own.
    func take(_ sql: String, on connection: OpaquePointer, location: String) throws(StoreError)
        -> OpaquePointer
    {
        if let handle = idle.removeValue(forKey: sql) { return handle }
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK else { throw StoreError(connection, code, location) }
        guard let prepared else {
            throw StoreError(.misuse, operation: "prepare", location: location, detail: "empty statement")
        }
        return prepared
    }

    /// Takes a statement back, so that it holds no lock and no value any more.
    func giveBack(_ handle: OpaquePointer, _ sql: String) {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        guard !isClosed, idle.count < Self.capacity, idle[sql] == nil else {
            sqlite3_finalize(handle)
            return
        }
        idle[sql] = handle
    }

    /// Frees all that wait; what is still in use is freed when it comes back.
    func close() {
        isClosed = true
        for handle in idle.values { sqlite3_finalize(handle) }
        idle = [:]
    }
}
