// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("REST request")
struct RESTRequestTests {
    private func request(_ target: String, headers: [(name: String, value: String)] = []) -> RESTRequest? {
        RESTRequest(method: "GET", target: target, headers: headers, body: [])
    }

    @Test("Path and query are percent-decoded after they are split")
    func decoding() throws {
        let target = "/twins/dev%3A01%2Fx/methods?api-version=2021-04-12&a=b%26c&flag"
        let request = try #require(self.request(target))
        #expect(request.path == ["twins", "dev:01/x", "methods"])
        #expect(request.query == ["api-version": "2021-04-12", "a": "b&c", "flag": ""])
    }

    @Test("Broken percent-encoding is no request", arguments: ["/twins/%zz", "/twins/%ff", "/devices?top=%"])
    func broken(target: String) {
        #expect(request(target) == nil)
    }

    @Test(
        "If-Match is read with and without quotes",
        arguments: [("\"*\"", "*"), ("*", "*"), ("\"AAAA=\"", "AAAA="), ("AAAA=", "AAAA=")])
    func ifMatch(header: String, expected: String) throws {
        let request = try #require(self.request("/", headers: [("if-match", header)]))
        #expect(request.ifMatch == expected)
    }

    @Test("Without If-Match there is no etag")
    func noIfMatch() throws {
        #expect(try #require(request("/")).ifMatch == nil)
    }

    @Test("A number outside its range is refused with the range")
    func number() throws {
        let request = try #require(self.request("/?timeout=301&good=300"))
        #expect(try request.number("good", in: 5...300) == 300)
        #expect(try request.number("absent", in: 5...300) == nil)
        let failure = try #require(throws: HubFailure.self) { try request.number("timeout", in: 5...300) }
        #expect(failure.code == 400_004)
        #expect(failure.message.contains("from 5 to 300"))
    }
}
