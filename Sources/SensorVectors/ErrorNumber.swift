// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// Linux error numbers by their names in C; `asm-generic/errno-base.h` and `asm-generic/errno.h`.
enum ErrorNumber {
    static func named(_ name: String) -> Int32? { numbers[name] }

    private static let numbers: [String: Int32] = [
        "EPERM": 1, "ENOENT": 2, "EINTR": 4, "EIO": 5, "ENXIO": 6, "EAGAIN": 11, "EACCES": 13, "EBUSY": 16,
        "ENODEV": 19, "ENOTDIR": 20, "EINVAL": 22, "ENOTTY": 25, "EPIPE": 32, "ERANGE": 34, "ENOSYS": 38,
        "ENODATA": 61, "EPROTO": 71, "EBADMSG": 74, "EOVERFLOW": 75, "EOPNOTSUPP": 95, "ETIMEDOUT": 110,
        "EREMOTEIO": 121,
    ]
}
