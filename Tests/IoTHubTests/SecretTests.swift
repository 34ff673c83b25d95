// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Logging
import Secrets
import Testing

@testable import IoTHub

@Suite struct SecretTests {
    private static let text = "correct horse battery staple"
    private let secret = Secret(Self.text)

    /// Everything in which a secret may be by design.
    private var holders: [Any] {
        let certificate = ClientCertificate(certificateFile: "c.pem", keyFile: "k.pem", passPhrase: secret)
        let proxy = SOCKSProxy(host: "p", user: "u", password: secret)
        let credentials = HubCredentials(
            host: "h", port: 1, clientID: "c", userName: "u", password: secret, trust: .system,
            certificate: certificate, proxy: proxy, keepAlive: .seconds(60), cleanSession: true)
        return [
            secret, [secret], ["key": secret], Optional(secret) as Any, certificate, proxy, credentials,
            DeviceProof.key(secret), DeviceProof.certificate(certificate),
            Result<Secret, IdentityError>.success(secret), (secret, secret),
        ]
    }

    @Test("Neither printing, interpolating, describing nor dumping shows a secret")
    func printing() {
        for holder in holders {
            var text = "\(holder) \(String(describing: holder)) \(String(reflecting: holder)) "
            debugPrint(holder, to: &text)
            dump(holder, to: &text)
            print(Mirror(reflecting: holder).children.map { "\($0)" }, to: &text)
            #expect(!text.contains("horse"), "\(type(of: holder))")
            #expect(text.contains("<redacted>"), "\(type(of: holder))")
        }
    }

    @Test("Reflection reaches no text inside a secret, however deep it looks")
    func reflection() {
        func leaves(_ value: Any, depth: Int = 0) -> [String] {
            let children = Mirror(reflecting: value).children
            guard depth < 8 else { return [] }
            let own = (value as? String).map { [$0] } ?? []
            return own + children.flatMap { leaves($0.value, depth: depth + 1) }
        }
        for holder in holders { #expect(!leaves(holder).contains { $0.contains("horse") }) }
    }

    @Test("A log message and its metadata show no secret")
    func logging() {
        let lines = LogLines()
        var log = Logger(label: "test") { _ in lines }
        log[metadataKey: "bound"] = "\(secret)"
        log.info("the key is \(secret)", metadata: ["key": "\(secret)", "held": .stringConvertible(secret)])
        #expect(lines.all.contains { $0.contains("the key is <redacted>") })
        #expect(!lines.all.contains { $0.contains("horse") })
    }

    @Test("The text itself is had by one deliberate call") func reveal() {
        #expect(secret.reveal() == Self.text)
        #expect(secret == Secret(Self.text))
        #expect(secret != Secret("another"))
    }
}
