// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Quantities
import Secrets
import Simulation
import Testing

@testable import IoTHub

/// Made once by the `openssl` program: `factory` issued `device`; `device-encrypted.key` is `device.key` behind `passPhrase`.
@Suite struct CertificateTests {
    private static let passPhrase = Secret("open-sesame-7")

    private func file(_ name: String) throws -> [UInt8] {
        let url = Bundle.module.url(
            forResource: name, withExtension: nil, subdirectory: "Vectors/certificates")
        return Array(try Data(contentsOf: try #require(url)))
    }

    private func read(
        _ certificate: String, _ key: String, _ passPhrase: Secret? = nil
    ) throws -> CertificateFacts {
        try CertificateFacts(
            certificate: try file(certificate), key: try file(key), passPhrase: passPhrase)
    }

    @Test("Name and validity are those that openssl x509 prints")
    func facts() throws {
        let facts = try read("device.pem", "device.key")
        #expect(facts.commonName == "device-1")
        #expect(facts.notBefore.rfc3339 == "2026-11-26T10:52:37.000Z")
        #expect(facts.notAfter.rfc3339 == "2126-11-02T10:52:37.000Z")
        #expect(facts.intermediates == 0)
    }

    @Test("A chain is read, leaf first, and a right pass phrase opens the key")
    func chain() throws {
        let facts = try read("chain.pem", "device-encrypted.key", Self.passPhrase)
        #expect(facts.commonName == "device-1")
        #expect(facts.intermediates == 1)
    }

    @Test("A pass phrase that nobody asks for does no harm") func superfluousPassPhrase() throws {
        #expect(try read("device.pem", "device.key", Self.passPhrase).commonName == "device-1")
    }

    @Test(
        "What is wrong is said of the part that is wrong",
        arguments: [
            ("device.pem", "other.key", nil, CertificateError.Part.key, "does not belong"),
            ("reversed.pem", "device.key", nil, .certificate, "not the first"),
            ("device.pem", "device-encrypted.key", nil, .passPhrase, "no pass phrase"),
            ("device.pem", "device-encrypted.key", "open-sesame-8", .passPhrase, "does not open"),
            (
                "device.pem", "device-encrypted.key", String(repeating: "x", count: 5000), .passPhrase,
                "does not open"
            ),
            ("device.key", "device.key", nil, .certificate, "no certificate"),
            ("device.pem", "device.pem", nil, .key, "no private key"),
        ])
    func wrong(
        certificate: String, key: String, passPhrase: String?, part: CertificateError.Part, words: String
    ) throws {
        let error = try #require(throws: CertificateError.self) {
            try read(certificate, key, passPhrase.map { Secret($0) })
        }
        #expect(error.part == part)
        #expect(error.problem.contains(words), "\(error.problem)")
        #expect(!error.problem.contains("sesame") && error.advice.hasSuffix("."))
    }

    @Test("Cut and garbled files are read or refused, never more", arguments: 0..<200)
    func damaged(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var certificate = try file("chain.pem")
        var key = try file("device.key")
        certificate.removeLast(Int(random.next() % UInt64(certificate.count + 1)))
        for _ in 0..<(random.next() % 4) {
            key[Int(random.next() % UInt64(key.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        do {
            let facts = try CertificateFacts(certificate: certificate, key: key, passPhrase: nil)
            #expect(facts.commonName == "device-1")
        } catch {
            #expect(!error.problem.isEmpty && error.advice.hasSuffix("."))
        }
    }
}

@Suite struct CertificateExpiryTests {
    private static let day: Int64 = 86_400_000
    private static let start = ContinuousClock.now

    private let facts = CertificateFacts(
        commonName: "d", notBefore: WallTime(millisecondsSince1970: 10 * day),
        notAfter: WallTime(millisecondsSince1970: 100 * day), intermediates: 0)

    private func now(day: Double, trusted: Bool = true) -> Now {
        Now(
            monotonic: Self.start.advanced(by: .seconds(day * 86_400)),
            wall: WallTime(millisecondsSince1970: Int64(day * Double(Self.day))), wallIsTrusted: trusted)
    }

    @Test(
        "The standing at a time",
        arguments: [
            (9.99, CertificateExpiry.Standing.notYetValid), (10, .valid), (70, .valid),
            (70.01, .expiresSoon(days: 29)), (99, .expiresSoon(days: 1)), (99.5, .expiresSoon(days: 0)),
            (100, .expiresSoon(days: 0)), (100.01, .expired),
        ])
    func standing(day: Double, expected: CertificateExpiry.Standing) throws {
        let wall = try #require(now(day: day).wall)
        #expect(CertificateExpiry.standing(of: facts, at: wall) == expected)
    }

    @Test("Looked at every hour from issue to after the end, it is warned about once a day and no more")
    func onceADay() {
        var expiry = CertificateExpiry()
        let remarks = (10 * 24...103 * 24).compactMap { hour in
            expiry.look(at: facts, now: now(day: Double(hour) / 24))
        }
        let warnings = remarks.filter { !$0.isError }
        let errors = remarks.filter(\.isError)
        #expect(warnings.count == 30)
        #expect(errors.count == 3)
        #expect(warnings.allSatisfy { $0.isWarning })
        #expect(warnings.first?.text.contains("in 29 days, on 1970-04-11") == true)
        #expect(errors.first?.text.contains("expired on 1970-04-11") == true)
    }

    @Test("A renewed certificate is said once") func renewed() {
        var expiry = CertificateExpiry()
        _ = expiry.look(at: facts, now: now(day: 99))
        var new = facts
        new.notAfter = WallTime(millisecondsSince1970: 400 * Self.day)
        let remark = expiry.look(at: new, now: now(day: 99.1))
        #expect(remark?.isWarning == false)
        #expect(remark?.text == "The device's certificate is valid until 1971-02-05.")
        #expect(expiry.look(at: new, now: now(day: 150)) == nil)
    }

    @Test("With a clock that cannot be believed nothing is said, and afterwards at once") func clock() {
        var expiry = CertificateExpiry()
        #expect(expiry.look(at: facts, now: now(day: 0, trusted: false)) == nil)
        #expect(expiry.look(at: facts, now: now(day: 5))?.text.contains("not valid before") == true)
    }
}
