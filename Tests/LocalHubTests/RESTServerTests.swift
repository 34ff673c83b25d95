// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

@testable import LocalHub

/// The HTTPS side of a running hub, by its own client.
@Suite("REST server", .timeLimit(.minutes(10)))
struct RESTServerTests {
    private static let key = Data(repeating: 3, count: 32).base64EncodedString()

    private func withServer(_ body: (LocalHubServer, HubClient) async throws -> Void) async throws {
        var configuration = LocalHubServerConfiguration()
        configuration.hub.servicePolicies = ["iothubowner": Self.key]
        try await LocalHubServer.withServer(configuration, knowing: nil) {
            try await body($0, try $0.client())
        }
    }

    // An expectation cannot hold a call with a typed error, so these two forget the type.
    private func status(
        _ client: HubClient, _ method: String, _ path: String, body: JSON? = nil,
        headers: [String: String] = [:]
    ) async throws -> Int {
        try await client.send(method, path, body: body, headers: headers).status
    }

    private func document(
        _ client: HubClient, _ method: String, _ path: String, body: JSON? = nil
    ) async throws -> JSON {
        try await client.document(method, path, body: body)
    }

    @Test("It is reached by name and by address, and its certificate is checked against both")
    func names() async throws {
        try await withServer { server, _ in
            for host in ["localhost", "127.0.0.1"] {
                let devices = try await server.client(host: host).document("GET", "/devices")
                #expect(devices == .array([]))
            }
        }
    }

    @Test("A client that trusts another authority says that the certificate is not trusted")
    func untrusted() async throws {
        try await withServer { server, _ in
            try await withServer { other, _ in
                let connection = try server.client().connection
                let stranger = try HubClient(connection: connection, caFile: other.caFile.path)
                let failure = try await #require(throws: HubClientError.self) {
                    try await stranger.document("GET", "/devices")
                }
                guard case .untrusted = failure else {
                    Issue.record("\(failure)")
                    return
                }
            }
        }
    }

    @Test("Where nothing listens any more, the client says how to start a hub")
    func unreachable() async throws {
        var late: HubClient?
        try await withServer { _, client in late = client }
        let client = try #require(late)
        let failure = try await #require(throws: HubClientError.self) {
            try await client.document("GET", "/devices")
        }
        #expect(failure.description.contains("local-hub serve"))
    }

    @Test("A wrong key is refused with 401 and a reason")
    func wrongKey() async throws {
        try await withServer { server, _ in
            let key = Data(repeating: 4, count: 32).base64EncodedString()
            let answer = try await server.client(key: key).send("GET", "/devices")
            #expect(answer.status == 401)
            #expect(
                answer.document["Message"]?.string?.hasPrefix("ErrorCode:IotHubUnauthorizedAccess;") == true)
        }
    }

    @Test("Unknown paths, bodies that are no JSON and bodies too large are refused, and it goes on")
    func badRequests() async throws {
        try await withServer { _, client in
            let large = JSON.string(String(repeating: "x", count: RESTServer.bodyLimit))
            let statuses = [
                try await status(client, "GET", "/nothing"),
                try await status(client, "POST", "/twins/d1", body: [:]),
                try await status(client, "PUT", "/devices/d1", body: "text"),
                try await status(client, "PUT", "/devices/d1", body: ["deviceId": "d2"]),
                try await status(client, "GET", "/twins/%ff"),
                try await status(client, "PUT", "/devices/d1", body: large),
                try await status(client, "GET", "/devices"),
            ]
            #expect(statuses == [404, 404, 400, 400, 400, 413, 200])
        }
    }

    @Test("A device is created, described by its twin and deleted under its etag")
    func device() async throws {
        try await withServer { server, client in
            let path = HubClient.path("devices", "dev:01")
            let made = try await client.document("PUT", path, body: ["deviceId": "dev:01"])
            #expect(try await status(client, "PUT", path, body: ["deviceId": "dev:01"]) == 409)
            let twin = try await client.document(
                "PATCH", HubClient.path("twins", "dev:01"),
                body: ["properties": ["desired": ["a": 1]], "tags": ["room": "hall"]])
            #expect(twin["properties"]?["desired"]?["a"] == 1)
            #expect(try await status(client, "DELETE", path, headers: ["If-Match": "\"stale\""]) == 412)
            let etag = try #require(made["etag"]?.string)
            #expect(try await status(client, "DELETE", path, headers: ["If-Match": "\"\(etag)\""]) == 204)
            #expect(await server.hub.devices().isEmpty)
        }
    }

    @Test("Stopping ends a request that waits for telemetry")
    func stopWhileWaiting() async throws {
        let start = ContinuousClock.now
        try await withServer { server, client in
            async let waiting = client.send("GET", "/local-hub/telemetry", query: ["wait": "50"])
            // The listener of the waiting request is what tells that it has arrived.
            while server.hub.telemetryFeed.listenerCount == 0 { await Task.yield() }
            await server.stop()
            _ = try? await waiting
        }
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("Faults and enrollments are set, listed and removed")
    func control() async throws {
        try await withServer { server, client in
            let fault: JSON = ["kind": "refuseConnect", "code": 3, "count": 2]
            #expect(try await document(client, "POST", "/local-hub/faults", body: fault) == fault)
            #expect(try await document(client, "GET", "/local-hub/faults") == ["faults": [fault]])
            #expect(try await status(client, "DELETE", "/local-hub/faults") == 204)
            #expect(await server.hub.faults().isEmpty)

            let path = HubClient.path("local-hub", "enrollments", "r1")
            try await client.document("PUT", path, body: ["primaryKey": .string(Self.key), "deviceId": "d1"])
            let listed = try await client.document("GET", "/local-hub/enrollments")
            #expect(listed["enrollments"]?.array?.first?["deviceId"] == "d1")
            #expect(try await status(client, "DELETE", path) == 204)
            #expect(try await status(client, "DELETE", path) == 404)
            #expect(try await status(client, "POST", "/local-hub/devices/none/drop") == 404)
        }
    }
}
