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
}
