// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// A failed operation on a bus, a file of sysfs or a line: what, where, and the kernel's number.
public struct BusError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the number means for the next step, whatever the adapter.
    public enum Kind: String, Sendable, Hashable {
        /// Nobody acknowledged the address: absent, or busy converting. C: `ENXIO`, `EREMOTEIO`, on some adapters `ENODEV`.
        case noAcknowledge
        /// Another master won, or the resource is not ready. C: `EAGAIN`, `ENODATA`.
        case arbitrationLost
        /// A line is held low, or the chip stretched the clock too long. C: `ETIMEDOUT`.
        case timedOut
        /// A kernel driver or another process owns it. C: `EBUSY`.
        case busy
        /// The adapter cannot do this kind of transaction. C: `EOPNOTSUPP`, `ENOSYS`.
        case unsupported
        /// A protocol or checksum failure on the wire. C: `EPROTO`, `EBADMSG`.
        case protocolViolation
        /// The adapter, file or device does not exist (any more). C: `ENOENT`, `ENODEV`.
        case notFound
        /// Access denied. C: `EACCES`, `EPERM`.
        case permission
        /// Fewer bytes than asked for.
        case shortTransfer
        /// Anything else, foremost C: `EIO`.
        case inputOutput

        /// The kind in words, for people.
        public var words: String {
            switch self {
            case .noAcknowledge: "no acknowledge"
            case .arbitrationLost: "arbitration lost"
            case .timedOut: "timed out"
            case .busy: "busy"
            case .unsupported: "unsupported"
            case .protocolViolation: "protocol violation"
            case .notFound: "not found"
            case .permission: "permission denied"
            case .shortTransfer: "short transfer"
            case .inputOutput: "input or output failed"
            }
        }
    }

    /// What the number means for the next step.
    public var kind: Kind
    /// The C call or the operation, for example `ioctl(I2C_RDWR)`.
    public var operation: String
    /// The place, for example `/dev/i2c-1 address 0x48`.
    public var location: String
    /// The kernel's error number, or 0 where there was none.
    public var errno: Int32
    /// What a person can do about it, a full sentence; empty where nothing is known.
    public var advice: String

    /// Makes an error from its parts.
    public init(_ kind: Kind, operation: String, location: String, errno: Int32 = 0, advice: String = "") {
        self.kind = kind
        self.operation = operation
        self.location = location
        self.errno = errno
        self.advice = advice
    }

    /// The text that people read.
    public var description: String { "\(operation) on \(location): \(reason)" }

    /// The text after ``operation`` and ``location``, for where the place was named already.
    public var reason: String {
        let number = errno == 0 ? "" : " (errno \(errno))"
        let hint = advice.isEmpty ? "" : " \(advice)"
        return "\(kind.words)\(number).\(hint)"
    }
}

extension BusError {
    /// No SMBus call of the adapter has the bytes of this transaction.
    public static func noSMBusCall(writing: Int, reading: Int, at location: String) -> BusError {
        BusError(
            .unsupported, operation: "transfer", location: location,
            advice: """
                The adapter speaks SMBus only and has no call that writes \(writing) and reads \(reading) bytes: put \
                this chip on an adapter with plain I2C transfers.
                """)
    }
}
