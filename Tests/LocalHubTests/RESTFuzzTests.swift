// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import NIOSSL
import Simulation
import Testing

@testable import LocalHub

/// Requests no client library would send.
@Suite("Hostile REST clients", .timeLimit(.minutes(10)))
struct RESTFuzzTests {
    private func withServer(_ body: (LocalHubServer, HubClient) async throws -> Void) async throws {
        try await LocalHubServer.withServer { try await body($0, try $0.client()) }
    }

    private static let malformed: [String] = [
        "", "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /devices\n\n",
        "GET /%00%ff HTTP/1.1\r\nHost: x\r\n\r\n", "GET devices HTTP/1.1\r\nHost: x\r\n\r\n",
        "PUT /devices/d1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "PUT /devices/d1 HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "PUT /devices/d1 HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{",
        "PUT /devices/d1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 200_000))\r\n\r\n",
        "GET /\(String(repeating: "a/", count: 100_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: SharedAccessSignature sr=%&sig=&se=&skn=\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n\r\n",
    ]

    @Test("Malformed, cut and random requests leave the server at work")
    func malformed() async throws {
        try await withServer { server, client in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(server.caFile.path(percentEncoded: false))
            let context = try NIOSSLContext(configuration: tls)
            var random = SeededGenerator(seed: 9)
            let noise = (0..<30).map { _ in
                (0..<500).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            for bytes in Self.malformed.map({ Array($0.utf8) }) + noise {
                for context in [context, nil] {
                    let raw = try await RawClient.connect(port: server.restPort, tls: context)
                    await raw.send(bytes)
                    await raw.close()
                }
            }
            #expect(try await client.document("GET", "/devices").array?.count == 1)
        }
    }

    private static let requests = [
        ("PUT", "/devices/d1"), ("PUT", "/devices/%20"), ("POST", "/devices"), ("GET", "/devices?top=-1"),
        ("PATCH", "/twins/d1"), ("PUT", "/twins/d1"), ("POST", "/twins/d1/methods"),
        ("POST", "/devices/query"), ("PATCH", "/digitaltwins/d1"), ("POST", "/digitaltwins/d1/commands/x"),
        ("POST", "/local-hub/faults"), ("POST", "/local-hub/devices/d1/messages"),
        ("PUT", "/local-hub/enrollments/r1"), ("PUT", "/local-hub/groups/g1"),
        ("GET", "/local-hub/telemetry?after=x&wait=nan&limit=-3"), ("DELETE", "/local-hub/registrations"),
    ]

    @Test("Bodies of every wrong shape are refused in a way a client understands", arguments: requests)
    func bodies(method: String, path: String) async throws {
        let deep = (0..<100).reduce(JSON.integer(1)) { inner, _ in ["a": inner] }
        let wrong: [JSON] = [
            .null, true, 1, "text", .array([]), .array([.null, ["id": 5]]), ["properties": 5], deep,
            ["properties": ["desired": .array([]), "reported": "x"], "tags": false],
            ["kind": 7, "count": -1],
            ["kind": "delayPubacks", "seconds": "soon"], ["methodName": .null, "payload": .null],
            ["methodName": "m", "responseTimeoutInSeconds": -5], ["query": "select"], ["query": 5],
            ["authentication": ["type": "sas", "symmetricKey": ["primaryKey": "%%"]]], ["deviceId": 4],
            ["body": "a", "bodyBase64": "b"], ["bodyBase64": "*"], ["timeToLive": 1e300],
            ["primaryKey": "short"], ["behavior": 1, "pendingReplies": -1], ["attestation": [:]],
        ]
        try await withServer { _, client in
            for body in wrong {
                let answer = try await client.send(method, path, body: body)
                #expect((200..<500).contains(answer.status), "\(body.text) \(answer)")
            }
            #expect(try await client.send("GET", "/devices").status == 200)
        }
    }
}
