// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc
import IoTHub
import Secrets
import ThreadExecutor

/// Makes a client and brings its TCP connection up, on a thread of its own.
///
/// Name resolution and TCP connect block inside libmosquitto, for two minutes at worst, and nothing can interrupt
/// them. One dialer serves one attempt: where that is given up, its thread stays behind until the call returns.
actor Dialer {
    /// A client on its way from the dialer's thread to the connection's.
    struct Client: @unchecked Sendable {
        // Safety: the dialer lets go of the pointer as it returns it, so one thread has it at any time.
        let pointer: OpaquePointer
    }

    /// What libmosquitto reports while it dials; its user data during that time.
    final class Journal {
        var diagnosis: Diagnosis
        let certificate: ClientCertificate?

        init(_ credentials: HubCredentials) {
            diagnosis = Diagnosis(credentials)
            certificate = credentials.certificate
        }
    }

    private let executor = ThreadExecutor(name: "mqtt-dial")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    deinit { executor.shutdown() }

    /// Dials; afterwards TCP is up and CONNECT on its way, no more.
    func dial(_ credentials: HubCredentials, window: Int) -> Result<Client, TransportError> {
        guard Library.isReady else { return .failure(.local("libmosquitto cannot be initialised")) }
        guard let client = mosquitto_new(credentials.clientID, credentials.cleanSession, nil) else {
            return .failure(
                .local("no MQTT client can be made for client id \(credentials.clientID) (errno \(errno))"))
        }
        do throws(TransportError) {
            try configure(client, credentials, window: window)
            try connect(client, credentials)
            return .success(Client(pointer: client))
        } catch {
            mosquitto_destroy(client)
            return .failure(error)
        }
    }

    private func configure(
        _ client: OpaquePointer, _ credentials: HubCredentials, window: Int
    ) throws(TransportError) {
        try Self.check(
            mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V311)), "version")
        try Self.check(mosquitto_max_inflight_messages_set(client, UInt32(window)), "window")
        if !credentials.userName.isEmpty {
            try Self.check(
                mosquitto_username_pw_set(client, credentials.userName, credentials.password?.reveal()),
                "user name or password")
        }
        try Self.secure(client, credentials)
        try Self.setProxy(client, credentials.proxy)
        // At least TLS 1.2; certificate and host name are always checked.
        try Self.check(mosquitto_tls_opts_set(client, 1, "tlsv1.2", nil), "TLS options")
    }

    private func connect(_ client: OpaquePointer, _ credentials: HubCredentials) throws(TransportError) {
        let journal = Journal(credentials)
        mosquitto_user_data_set(client, Unmanaged.passUnretained(journal).toOpaque())
        mosquitto_log_callback_set(client) { client, context, level, text in
            guard let context, let evidence = Diagnosis.Evidence(level: level, text: text, client: client)
            else {
                return
            }
            Unmanaged<Journal>.fromOpaque(context).takeUnretainedValue().diagnosis.note(evidence)
        }
        defer {
            mosquitto_log_callback_set(client, nil)
            mosquitto_user_data_set(client, nil)
        }
        // libmosquitto refuses 1…4 s.
        let keepAlive = max(5, min(credentials.keepAlive.components.seconds, 65535))
        errno = 0
        let code = mosquitto_connect(client, credentials.host, Int32(credentials.port), Int32(keepAlive))
        let number = errno
        guard code != 0 else { return withExtendedLifetime(journal) {} }
        throw journal.diagnosis.failed(code, errno: number).error
    }
}

extension TransportError {
    static func local(_ message: String) -> TransportError {
        TransportError(.localConfiguration, message)
    }
}
