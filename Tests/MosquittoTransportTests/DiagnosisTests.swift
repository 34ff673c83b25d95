// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import IoTHub
import Testing

@testable import MosquittoTransport

@Suite("Diagnosis")
struct DiagnosisTests {
    private static func diagnosis(
        _ failure: Diagnosis.Failure, _ phase: Diagnosis.Phase, log: [String] = [], code: Int = 0
    ) -> Diagnosis {
        var diagnosis = Diagnosis(host: "hub.example", port: 8883)
        diagnosis.phase = phase
        diagnosis.failure = failure
        diagnosis.log = log
        diagnosis.verification = .init(code: code, text: "text of code \(code)")
        return diagnosis
    }

    @Test("Return codes and error numbers become the right kind of error")
    func kinds() {
        #expect(Self.diagnosis(.nameLookup("unknown"), .dialing).error.code == .nameNotResolved)
        #expect(Self.diagnosis(.system(113, "No route"), .dialing).error.code == .unreachable)
        #expect(Self.diagnosis(.system(110, "Timed out"), .session).error.code == .connectionLost)
        #expect(Self.diagnosis(.tls, .handshake).error.code == .tls)
        #expect(Self.diagnosis(.keepAlive, .session).error.code == .silence)
        for failure in [Diagnosis.Failure.connectionLost, .protocolViolation, .other("x")] {
            #expect(Self.diagnosis(failure, .session).error.code == .connectionLost)
        }
    }

    @Test(
        "OpenSSL's verdict on the certificate decides what is said",
        arguments: [
            (9, "not valid yet"), (10, "expired"), (62, "another host name"), (64, "another host name"),
            (18, "trusted authority"), (19, "trusted authority"), (20, "trusted authority"),
            (23, "text of code 23"),
        ])
    func certificates(code: Int, text: String) {
        let error = Self.diagnosis(.tls, .handshake, code: code).error
        #expect(error.code == .tls)
        #expect(error.message.contains(text) && error.message.contains("hub.example:8883"))
    }

    @Test("What libmosquitto only logs is taken into account")
    func logged() {
        let name = Self.diagnosis(.tls, .handshake, log: ["Error: host name verification failed."]).error
        #expect(name.code == .tls && name.message.contains("another host name"))
        let file = Self.diagnosis(
            .tls, .dialing, log: ["Error: Unable to load CA certificates, check cafile"]
        ).error
        #expect(file.code == .localConfiguration)
        let old = Self.diagnosis(.tls, .handshake, log: ["OpenSSL Error[0]: unsupported protocol"]).error
        #expect(old.code == .tls && old.message.contains("unsupported protocol"))
    }

    @Test("A TLS connection that is dropped without a goodbye is lost, not misconfigured")
    func droppedTLS() {
        let eof = ["OpenSSL Error[0]: error:0A000126:SSL routines::unexpected eof while reading"]
        #expect(Self.diagnosis(.tls, .handshake, log: eof).error.code == .connectionLost)
        #expect(Self.diagnosis(.tls, .session).error.code == .connectionLost)
    }

    @Test("Every message ends with what to do next or names the server", arguments: UInt8(1)...6)
    func refusals(code: UInt8) {
        let error = Diagnosis.refusal(code, by: "hub.example:8883")
        #expect(error.code == .refused(returnCode: code))
        #expect(error.message.hasPrefix("hub.example:8883 refused the connection: "))
    }

    @Test(
        "A certificate or key of our own that cannot be used is no fault of the server",
        arguments: [
            "Error: Unable to load client certificate \"c.pem\".",
            "Error: Unable to load client key file \"k\".",
            "Error: Client certificate/key are inconsistent.",
        ])
    func ownFiles(line: String) {
        for phase in [Diagnosis.Phase.dialing, .proxying] {
            let error = Self.diagnosis(.tls, phase, log: [line]).error
            #expect(error.code == .localConfiguration)
            #expect(error.message.contains("sensor-agent check") && error.message.contains(line))
        }
    }

    @Test("A server that refuses the device's certificate, or wants one, is told from one that fails in TLS")
    func refusedCertificate() {
        var diagnosis = Self.diagnosis(
            .tls, .handshake, log: ["OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca"])
        #expect(diagnosis.error.message.contains("wants a certificate"))
        diagnosis.hasCertificate = true
        #expect(diagnosis.error.code == .tls)
        #expect(diagnosis.error.message.contains("refused the device's certificate"))
    }

    @Test(
        "What fails at a proxy names the proxy; what fails behind it names the server",
        arguments: [
            (
                Diagnosis.Failure.nameLookup("unknown"), Diagnosis.Phase.dialing, "proxy:1080",
                TransportError.Code.nameNotResolved
            ),
            (.system(111, "refused"), .dialing, "proxy:1080", .unreachable),
            (.proxy(.logIn), .proxying, "hub.proxy-user", .unreachable),
            (.proxy(.hostUnreachable), .proxying, "cannot reach hub.example:8883", .unreachable),
            (.proxy(.unspecific), .proxying, "did not open the way", .unreachable),
            (.connectionLost, .proxying, "did not open the way", .unreachable),
            (.tls, .handshake, "TLS handshake with hub.example:8883", .tls),
            (.connectionLost, .session, "hub.example:8883 closed", .connectionLost),
        ])
    func proxy(failure: Diagnosis.Failure, phase: Diagnosis.Phase, words: String, code: TransportError.Code) {
        var diagnosis = Self.diagnosis(failure, phase)
        diagnosis.proxy = "proxy:1080"
        #expect(diagnosis.error.code == code)
        #expect(diagnosis.error.message.contains(words), "\(diagnosis.error.message)")
    }
}
