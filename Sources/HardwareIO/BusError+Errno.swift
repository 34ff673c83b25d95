// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension BusError.Kind {
    /// What a Linux error number means for the next step; the only table of its kind.
    ///
    /// The numbers are those of `asm-generic/errno.h`, which x86, Arm and RISC-V share.
    public init(linuxErrno number: Int32) {
        switch number {
        case 6, 121: self = .noAcknowledge  // ENXIO, EREMOTEIO
        // A thermal zone shows its driver's EAGAIN as ENODATA; a hwmon channel that is off gives ENODATA too.
        case 4, 11, 61: self = .arbitrationLost  // EINTR, EAGAIN, ENODATA
        case 110: self = .timedOut  // ETIMEDOUT
        case 16: self = .busy  // EBUSY
        case 25, 38, 95: self = .unsupported  // ENOTTY, ENOSYS, EOPNOTSUPP
        case 71, 74: self = .protocolViolation  // EPROTO, EBADMSG
        case 2, 19, 20: self = .notFound  // ENOENT, ENODEV, ENOTDIR
        case 1, 13: self = .permission  // EPERM, EACCES
        default: self = .inputOutput
        }
    }
}
