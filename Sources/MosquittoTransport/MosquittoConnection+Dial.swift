// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc
import IoTHub
import Secrets

extension MosquittoConnection {
    /// Initialises libmosquitto once, and has writes to a closed TLS connection fail instead of ending the process.
    private static let library: Int32 = {
        signal(SIGPIPE, SIG_IGN)
        return mosquitto_lib_init()
    }()

    /// Makes the client and connects it; afterwards TCP is up and CONNECT on its way, no more.
    func dial() throws(TransportError) {
        guard Self.library == 0 else { throw local("libmosquitto cannot be initialised") }
        let context = Unmanaged.passUnretained(self).toOpaque()
        guard let client = mosquitto_new(credentials.clientID, credentials.cleanSession, context) else {
            throw local("no MQTT client can be made for client id \(credentials.clientID) (errno \(errno))")
        }
        self.client = client
        installCallbacks(client)
        try check(
            mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V311)), "version")
        mosquitto_max_inflight_messages_set(client, UInt32(clamping: max(1, min(options.window, 1000))))
        if !credentials.userName.isEmpty {
            try check(
                mosquitto_username_pw_set(client, credentials.userName, credentials.password?.reveal()),
                "user name or password")
        }
        try trust(client)
        // At least TLS 1.2, certificate and host name always checked.
        try check(mosquitto_tls_opts_set(client, 1, "tlsv1.2", nil), "TLS options")
        // libmosquitto refuses 1…4 s.
        let keepAlive = max(5, min(credentials.keepAlive.components.seconds, 65535))
        errno = 0
        let code = mosquitto_connect(client, credentials.host, Int32(credentials.port), Int32(keepAlive))
        let number = errno
        guard code == 0 else { throw failure(code, errno: number).error }
    }

    private func trust(_ client: OpaquePointer) throws(TransportError) {
        switch credentials.trust {
        case .file(let path):
            guard access(path, R_OK) == 0 else {
                throw local("the CA file \(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            try check(mosquitto_tls_set(client, path, nil, nil, nil, nil), "CA file \(path)")
        case .system:
            // The same variable and the same default as OpenSSL's own programs on Debian.
            let directory = getenv("SSL_CERT_DIR").map { String(cString: $0) } ?? "/etc/ssl/certs"
            try check(mosquitto_tls_set(client, nil, directory, nil, nil, nil), "CA directory \(directory)")
        }
    }

    private func check(_ code: Int32, _ what: String) throws(TransportError) {
        guard code == 0 else {
            throw local(
                "libmosquitto does not accept the \(what): \(String(cString: mosquitto_strerror(code)))")
        }
    }

    private func local(_ message: String) -> TransportError { TransportError(.localConfiguration, message) }

    /// What is known about a failure, given a code that libmosquitto returned and the error number at that time.
    func failure(_ code: Int32, errno number: CInt = Glibc.errno) -> Diagnosis {
        var diagnosis = diagnosis
        switch mosq_err_t(code) {
        case MOSQ_ERR_EAI: diagnosis.failure = .nameLookup(String(cString: gai_strerror(number)))
        case MOSQ_ERR_ERRNO where number == EPROTO: diagnosis.failure = .tls
        case MOSQ_ERR_ERRNO where number != 0:
            diagnosis.failure = .system(number, String(cString: strerror(number)))
        case MOSQ_ERR_TLS: diagnosis.failure = .tls
        case MOSQ_ERR_KEEPALIVE: diagnosis.failure = .keepAlive
        case MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_PACKET: diagnosis.failure = .protocolViolation
        case MOSQ_ERR_SUCCESS, MOSQ_ERR_CONN_LOST, MOSQ_ERR_NO_CONN, MOSQ_ERR_ERRNO:
            diagnosis.failure = .connectionLost
        default: diagnosis.failure = .other(String(cString: mosquitto_strerror(code)))
        }
        return diagnosis
    }
}
