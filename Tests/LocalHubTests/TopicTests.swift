// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Topics and user names") struct TopicTests {
    @Test("Telemetry topics of the vectors decode to their properties")
    func telemetry() throws {
        let vectors = try #require(try Vectors.load("topics")["telemetry"]?.array)
        #expect(vectors.count == 30)
        for vector in vectors {
            let device = try #require(vector["device_id"]?.string)
            let topic = try #require(vector["topic"]?.string.flatMap { TelemetryTopic($0, device: device) })
            let properties = try #require(topic.properties)
            var expected: [String: String?] = [:]
            for part in ["system_properties", "application_properties"] {
                for (name, value) in vector[part]?.object ?? [:] { expected[name] = value.string }
            }
            #expect(properties == expected, "\(vector["id"]?.string ?? "")")
        }
    }

    @Test("Topics of another device or with a broken bag are told apart")
    func otherTopics() {
        #expect(TelemetryTopic("devices/d10/messages/events/", device: "d1") == nil)
        #expect(TelemetryTopic("devices/d1/messages/eventsX", device: "d1") == nil)
        for bag in ["a=%zz", "=b", "a=1&a=2", "a=1&&b=2", "%ff=1"] {
            let topic = TelemetryTopic("devices/d1/messages/events/\(bag)", device: "d1")
            #expect(topic != nil)
            #expect(topic?.properties == nil)
        }
    }

    @Test("User names of the vectors are taken apart")
    func userNames() throws {
        let vectors = try #require(try Vectors.load("topics")["connect_identity"]?.array)
        #expect(vectors.count == 7)
        for vector in vectors {
            let identity = try #require(vector["username"]?.string.flatMap(ConnectIdentity.init(userName:)))
            #expect(identity.service == (vector["service"]?.string == "hub" ? .hub : .provisioning))
            #expect(identity.id == vector["client_id"]?.string)
            #expect(identity.scope == (vector["hostname"] ?? vector["id_scope"])?.string)
            #expect(identity.apiVersion == vector["api_version"]?.string)
            #expect(identity.modelId == vector["model_id"]?.string)
            #expect(identity.clientType == (vector["device_client_type"] ?? vector["client_version"])?.string)
        }
    }

    @Test(
        "Other user names are refused",
        arguments: [
            "", "h", "h/d", "h/d?api-version=1", "/d/?a=b", "h//?a=b", "h/d/m/?a=b", "h/d/?a=%z",
            "0ne/registrations/", "0ne/registrations//api-version=1",
        ])
    func badUserNames(text: String) {
        #expect(ConnectIdentity(userName: text) == nil)
    }

    @Test("Requests are read by name, not by position")
    func requests() {
        let topic = RequestTopic("$iothub/twin/GET/?other=1&$rid=a%20b")
        #expect(topic?.path == ["$iothub", "twin", "GET"])
        #expect(topic?.requestId == "a b")
        #expect(RequestTopic("$iothub/twin/GET") == nil)
        #expect(RequestTopic("$iothub/twin/GET/?$rid=")?.requestId == nil)
    }

    @Test("Properties without value and with empty value stay apart")
    func bag() {
        let properties: [String: String?] = ["a": nil, "b": "", "ü": "1+1 &="]
        #expect(PropertyBag.encode(properties) == "a&b=&%C3%BC=1%2B1%20%26%3D")
        #expect(PropertyBag.decode(PropertyBag.encode(properties)) == properties)
    }

    @Test(
        "Ports do not belong to host names",
        arguments: [
            ("h:8883", "h"), ("H", "h"), ("::1", "::1"), ("[::1]:8883", "::1"), ("127.0.0.5:1", "127.0.0.5"),
        ])
    func hosts(text: String, host: String) {
        #expect(bareHost(text) == host)
    }
}
