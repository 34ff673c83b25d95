// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Glibc
import IoTHub
import Secrets

extension HubClientConfiguration {
    /// The hub of the environment, as local-hub prints it.
    static func ofEnvironment() throws(Failure) -> HubClientConfiguration {
        guard let text = getenv("IOTHUB_DEVICE_CONNECTION_STRING"), let file = getenv("SSL_CERT_FILE") else {
            throw Failure(
                message: "set IOTHUB_DEVICE_CONNECTION_STRING and SSL_CERT_FILE as local-hub prints them")
        }
        return try make(String(cString: text), trust: .file(String(cString: file)))
    }

    /// A hub that is no more than a ``LoopbackHub``.
    static func loopback() throws(Failure) -> HubClientConfiguration {
        try make("HostName=loopback.invalid;DeviceId=bench;SharedAccessKey=YmVuY2g=", trust: .system)
    }

    private static func make(
        _ text: String, trust: TrustAnchors
    ) throws(Failure) -> HubClientConfiguration {
        do throws(IdentityError) {
            let parsed = try ConnectionString(parsing: Secret(text))
            return HubClientConfiguration(identity: .connectionString(parsed), trust: trust)
        } catch {
            throw Failure(message: "the connection string is wrong: \(error)")
        }
    }
}
