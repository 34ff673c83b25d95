// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc

extension Diagnosis {
    /// Completed by a code that libmosquitto returned and the error number at that moment.
    func failed(_ code: Int32, errno number: CInt) -> Diagnosis {
        var diagnosis = self
        if phase == .proxying, let refusal = Self.refusal(code) {
            diagnosis.failure = .proxy(refusal)
            return diagnosis
        }
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

    /// What the library's code for a proxy's answer means (`socks5__read` of 2.0); `nil` for codes of its own.
    private static func refusal(_ code: Int32) -> Refusal? {
        switch mosq_err_t(code) {
        case MOSQ_ERR_AUTH: .logIn
        case MOSQ_ERR_NO_CONN, MOSQ_ERR_CONN_REFUSED: .hostUnreachable
        case MOSQ_ERR_PROXY, MOSQ_ERR_INVAL, MOSQ_ERR_PROTOCOL: .unspecific
        default: nil
        }
    }

    /// An error that libmosquitto logged, with what OpenSSL knew of the certificate at that moment.
    struct Evidence: Sendable {
        let line: String
        let verification: Verification

        /// `nil` for lines below error level.
        ///
        /// To be made inside the log callback: once the library has returned, the TLS object is gone.
        init?(level: Int32, text: UnsafePointer<CChar>?, client: OpaquePointer?) {
            guard level == Int32(MOSQ_LOG_ERR), let text, let client else { return nil }
            line = String(cString: text)
            let code = sensor_agent_verify_result(client)
            verification = Verification(
                code: code,
                text: code == 0 ? "" : X509_verify_cert_error_string(code).map { String(cString: $0) } ?? "")
        }
    }

    /// Takes in what was logged.
    mutating func note(_ evidence: Evidence) {
        // A handshake logs two or three lines; more would only make the message longer.
        if log.count < 4 { log.append(evidence.line) }
        if evidence.verification.code != 0 { verification = evidence.verification }
    }
}
