// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc

/// The process-wide state of libmosquitto and OpenSSL, made once and before any thread dials.
enum Library {
    /// Whether libmosquitto can be used; the first look initialises it while all others wait.
    ///
    /// From then on writes to a closed TLS connection fail instead of ending the process.
    static let isReady: Bool = {
        signal(SIGPIPE, SIG_IGN)
        guard mosquitto_lib_init() == 0, OPENSSL_init_ssl(0, nil) == 1 else { return false }
        _ = isTLSReady
        return true
    }()

    /// Whether libmosquitto has made its own TLS state, before two dials could make it at once.
    ///
    /// It does so in the first connect, guarded by a plain flag (`net__init_tls` of 2.0): two dials, one of them
    /// given up, may both pass it, and then the check of a certificate no longer finds its client. Nothing else
    /// reaches that function, so a client connects to a socket of our own here and fails at an empty CA file before
    /// a byte is sent. Without a loopback interface this stays false, which only leaves that small risk.
    static let isTLSReady: Bool = {
        guard let listener = Listener(), let client = mosquitto_new(nil, true, nil) else { return false }
        defer { mosquitto_destroy(client) }
        guard mosquitto_tls_set(client, "/dev/null", nil, nil, nil, nil) == 0 else { return false }
        let code = mosquitto_connect(client, "127.0.0.1", Int32(listener.port), 60)
        return mosq_err_t(code) == MOSQ_ERR_TLS
    }()

    /// A socket that listens on a free loopback port.
    private struct Listener: ~Copyable {
        let port: UInt16
        private let descriptor: CInt

        init?() {
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(AF_INET, type, 0)
            guard descriptor >= 0 else { return nil }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    bind(descriptor, pointer, length) == 0 && listen(descriptor, 1) == 0
                        && getsockname(descriptor, pointer, &length) == 0
                }
            }
            guard isListening else {
                close(descriptor)
                return nil
            }
            self.descriptor = descriptor
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }
    }
}
