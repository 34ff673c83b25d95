// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

package import Secrets

/// A SOCKS5 proxy (RFC 1928) that every connection goes through; it resolves the host's name.
///
/// TLS is between the device and the host: the proxy sees no more than name, port and sealed bytes.
package struct SOCKSProxy: Sendable, Equatable {
    /// The port of a proxy that names none.
    package static let defaultPort: UInt16 = 1080

    /// The proxy's name or address.
    package var host: String
    /// The proxy's port.
    package var port: UInt16
    /// The user name for it (RFC 1929), 1…255 bytes; `nil` asks for no log-in.
    package var user: String?
    /// The password that belongs to ``user``, 1…255 bytes.
    package var password: Secret?

    /// Makes a proxy from its parts.
    package init(
        host: String, port: UInt16 = Self.defaultPort, user: String? = nil, password: Secret? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }
}
