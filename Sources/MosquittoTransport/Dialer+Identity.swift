// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import CMosquitto
import Glibc
import IoTHub
import Secrets

extension Dialer {
    /// Tells the client whom to trust and what to prove itself with.
    ///
    /// The files are read when TLS begins, which through a proxy is later than the dial.
    static func secure(_ client: OpaquePointer, _ credentials: HubCredentials) throws(TransportError) {
        let certificate = credentials.certificate
        for path in [certificate?.certificateFile, certificate?.keyFile].compactMap(\.self) {
            try readable(path, "file of the device's certificate")
        }
        var (file, directory): (String?, String?) = (nil, nil)
        switch credentials.trust {
        case .file(let path):
            try readable(path, "CA file")
            file = path
        case .system:
            // The same variable and the same default as OpenSSL's own programs on Debian.
            directory = getenv("SSL_CERT_DIR").map { String(cString: $0) } ?? "/etc/ssl/certs"
        }
        try check(
            mosquitto_tls_set(
                client, file, directory, certificate?.certificateFile, certificate?.keyFile,
                certificate == nil ? nil : passPhrase),
            "CA \(file ?? directory ?? "") or the device's certificate")
    }

    /// Has the client dial through the proxy, where there is one.
    static func setProxy(_ client: OpaquePointer, _ proxy: SOCKSProxy?) throws(TransportError) {
        guard let proxy else { return }
        let code = mosquitto_socks5_set(
            client, proxy.host, CInt(proxy.port), proxy.user, proxy.password?.reveal())
        guard mosq_err_t(code) != MOSQ_ERR_NOT_SUPPORTED else {
            throw .local(
                "this libmosquitto was built without SOCKS; install Debian's libmosquitto1, or leave out hub.proxy"
            )
        }
        try check(code, "proxy \(proxy.host):\(proxy.port), its user or password")
    }

    /// libmosquitto itself would call a file that it may not read an invalid argument.
    private static func readable(_ path: String, _ what: String) throws(TransportError) {
        guard access(path, R_OK) == 0 else {
            throw .local(
                "the \(what) \(path) cannot be read: \(String(cString: strerror(errno))); check its path and mode"
            )
        }
    }

    static func check(_ code: Int32, _ what: String) throws(TransportError) {
        guard code == 0 else {
            throw .local(
                "libmosquitto does not accept the \(what): \(String(cString: mosquitto_strerror(code)))")
        }
    }

    /// Answers OpenSSL's question for the pass phrase of a key; without it OpenSSL would ask at the terminal.
    ///
    /// The library hands over the client, and its user data is the journal of a dial or, behind a proxy, the
    /// connection: TLS begins there only when the proxy has answered.
    private static let passPhrase:
        @convention(c) (UnsafeMutablePointer<CChar>?, CInt, CInt, UnsafeMutableRawPointer?) -> CInt = {
            buffer, size, _, client in
            guard let client, let context = mosquitto_userdata(OpaquePointer(client)) else { return -1 }
            let holder = Unmanaged<AnyObject>.fromOpaque(context).takeUnretainedValue()
            let certificate =
                (holder as? Journal)?.certificate ?? (holder as? MosquittoConnection)?.credentials.certificate
            return certificate?.passPhrase?.write(to: buffer, size: size) ?? -1
        }
}
