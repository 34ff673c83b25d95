// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CSQLite
import Glibc

/// SQLite's result code; matches its whole family when compared with a primary code.
struct ResultCode: Equatable, Sendable {
    /// The extended code.
    let rawValue: Int32

    init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// The low byte: what kind of failure it is.
    var primary: Int32 { rawValue & 0xFF }

    static let ok = ResultCode(SQLITE_OK)
    static let row = ResultCode(SQLITE_ROW)
    static let done = ResultCode(SQLITE_DONE)

    /// Matches an extended code exactly and a primary code with all of its family.
    static func ~= (pattern: ResultCode, code: ResultCode) -> Bool {
        pattern.rawValue > 0xFF ? pattern == code : pattern.rawValue == code.primary
    }

    /// What the code means for the next step; `systemError` is the kernel's number behind it, or 0.
    func kind(systemError: Int32) -> StoreError.Kind {
        switch self {
        case ResultCode(SQLITE_CORRUPT), ResultCode(SQLITE_NOTADB): return .damaged
        case ResultCode(SQLITE_FULL): return .full
        case ResultCode(SQLITE_BUSY), ResultCode(SQLITE_LOCKED), ResultCode(SQLITE_PROTOCOL): return .busy
        case ResultCode(SQLITE_READONLY): return .readOnly
        case ResultCode(SQLITE_PERM), ResultCode(SQLITE_AUTH): return .permission
        case ResultCode(SQLITE_TOOBIG): return .invalidValue
        case ResultCode(SQLITE_IOERR), ResultCode(SQLITE_CANTOPEN):
            return StoreError.Kind(systemError: systemError)
        case ResultCode(SQLITE_NOMEM): return .inputOutput
        default: return .misuse
        }
    }
}

extension StoreError.Kind {
    /// What the kernel's error number means for the next step.
    init(systemError: Int32) {
        switch systemError {
        // A limit on file size stops writing as a full disk does.
        case ENOSPC, EDQUOT, EFBIG: self = .full
        case EROFS: self = .readOnly
        case EACCES, EPERM: self = .permission
        default: self = .inputOutput
        }
    }
}
