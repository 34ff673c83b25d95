// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

@Suite("Service authorization")
struct RESTAuthorizationTests {
    private static let key = Data(repeating: 7, count: 32).base64EncodedString()
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private let authorization = ServiceAuthorization(
        policies: ["iothubowner": key], hostNames: ["localhost", "127.0.0.1", "::1"])

    private func check(_ header: String?, allowsBearer: Bool = false) throws(HubFailure) {
        let headers = header.map { [(name: "Authorization", value: $0)] } ?? []
        guard let request = RESTRequest(method: "GET", target: "/devices", headers: headers, body: []) else {
            Issue.record("the target is well formed")
            return
        }
        try authorization.check(request, allowsBearer: allowsBearer, now: Self.now)
    }

    private func token(
        host: String = "localhost", keyName: String = "iothubowner", key: String = Self.key, life: Double = 60
    ) -> String {
        ServiceConnectionString(host: host, port: 8443, keyName: keyName, key: key)
            .token(expiry: Self.now + life)
    }

    @Test(
        "A token made for any of the hub's names is accepted", arguments: ["localhost", "127.0.0.1", "::1"])
    func accepted(host: String) throws {
        try check(token(host: host))
    }

    /// azure-iot-hub 2.7 keeps the slashes of the signature bare.
    @Test("A signature with a bare slash is accepted")
    func bareSlash() throws {
        // Expiries are tried until a signature holds a slash, which about half of them do.
        let token = try #require(
            (60..<200).lazy.map { self.token(life: Double($0)) }.first { $0.contains("%2F") })
        let parts = token.components(separatedBy: "&sig=")
        try check(parts[0] + "&sig=" + parts[1].replacingOccurrences(of: "%2F", with: "/"))
    }

    @Test("The order of the fields does not matter")
    func order() throws {
        let fields = token().dropFirst("SharedAccessSignature ".count).split(separator: "&").reversed()
        try check("SharedAccessSignature " + fields.joined(separator: "&"))
    }

    @Test(
        "A header that proves nothing is refused",
        arguments: [
            "", "SharedAccessSignature", "SharedAccessSignature sr=localhost&sig=x&se=9999999999",
            "SharedAccessSignature sr=localhost&sig=%zz&se=9999999999&skn=iothubowner", "Basic abc",
        ])
    func malformed(header: String) {
        #expect(throws: HubFailure.self) { try check(header) }
    }

    @Test("Wrong key, unknown policy, other host and an expired token are each told apart")
    func refused() throws {
        let other = Data(repeating: 8, count: 32).base64EncodedString()
        let cases = [
            (token(key: other), "signature"), (token(keyName: "device"), "no policy"),
            (token(host: "localhost.example"), "not this hub"), (token(life: 0), "expired"),
        ]
        for (token, word) in cases {
            let failure = try #require(throws: HubFailure.self) { try check(token) }
            #expect(failure.code == 401_002)
            #expect(failure.message.contains(word))
        }
    }

    @Test("The bare key opens the control API only")
    func bearer() throws {
        try check("Bearer \(Self.key)", allowsBearer: true)
        #expect(throws: HubFailure.self) { try check("Bearer \(Self.key)") }
        #expect(throws: HubFailure.self) { try check("Bearer \(Self.key)x", allowsBearer: true) }
    }
}
