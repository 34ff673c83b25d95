// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension ConfigurationKey {
    /// The keys of the device's certificate and of the proxy.
    static let identity: [ConfigurationKey] = [
        ConfigurationKey(
            "hub.certificate-file", .path, sample: "IOTHUB_DEVICE_X509_CERT",
            "PEM file of the device's certificate, then its intermediates"),
        ConfigurationKey(
            "hub.certificate-key-file", .path, sample: "IOTHUB_DEVICE_X509_KEY",
            "PEM file of the certificate's private key"),
        ConfigurationKey(
            "hub.certificate-pass-phrase", .secret, sample: "IOTHUB_DEVICE_X509_PASS_PHRASE",
            "What the private key is encrypted with, where it is"),
        ConfigurationKey("hub.certificate-pass-phrase-file", .path, "File that holds the pass phrase"),
        ConfigurationKey(
            "hub.proxy", .proxy,
            "SOCKS5 proxy to dial through; it resolves the names, and TLS stays between device and hub"),
        ConfigurationKey("hub.proxy-user", .text(longest: 255), "The user name for the proxy"),
        ConfigurationKey("hub.proxy-password", .secret, "The password for the proxy"),
        ConfigurationKey("hub.proxy-password-file", .path, "File that holds the password for the proxy"),
    ]
}
