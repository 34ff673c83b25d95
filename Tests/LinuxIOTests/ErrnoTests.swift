// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import HardwareIO
import Testing

@testable import LinuxIO

@Suite("Error numbers")
struct ErrnoTests {
    @Test("the table's numbers are those of this machine's headers")
    func table() {
        let expected: [(CInt, BusError.Kind)] = [
            (ENXIO, .noAcknowledge), (EREMOTEIO, .noAcknowledge), (EAGAIN, .arbitrationLost),
            (ENODATA, .arbitrationLost),
            (EINTR, .arbitrationLost), (ETIMEDOUT, .timedOut), (EBUSY, .busy), (ENOSYS, .unsupported),
            (EOPNOTSUPP, .unsupported), (ENOTTY, .unsupported), (EPROTO, .protocolViolation),
            (EBADMSG, .protocolViolation), (ENOENT, .notFound), (ENODEV, .notFound), (ENOTDIR, .notFound),
            (EACCES, .permission), (EPERM, .permission), (EIO, .inputOutput), (EINVAL, .inputOutput),
            (0, .inputOutput), (-1, .inputOutput), (.max, .inputOutput),
        ]
        for (number, kind) in expected {
            #expect(BusError.Kind(linuxErrno: number) == kind, "errno \(number)")
        }
    }

    @Test("an interrupted call is made again, any other failure is thrown with number and advice")
    func retries() throws {
        var calls = 0
        let result = try systemCall("read", at: "x") {
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 42
        }
        #expect(result == 42)
        #expect(calls == 3)
        let error = #expect(throws: BusError.self) {
            try systemCall("read", at: "here", advice: { $0 == EBUSY ? "Wait." : "" }) {
                errno = EBUSY
                return -1
            }
        }
        #expect(
            error == BusError(.busy, operation: "read", location: "here", errno: EBUSY, advice: "Wait."))
    }
}
