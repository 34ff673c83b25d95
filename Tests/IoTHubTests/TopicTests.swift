// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Secrets
import Testing

@testable import IoTHub

@Suite struct TopicTests {
    @Test("Telemetry topics are those of Microsoft's client", arguments: Vectors.topics.telemetry)
    func telemetry(vector: TopicVectors.Telemetry) throws {
        var bag = PropertyBag()
        for (name, value) in vector.system_properties {
            bag.set(try #require(PropertyBag.System(rawValue: name)), to: value)
        }
        bag.application = vector.application_properties.map { TelemetryMessage.Property(name: $0, value: $1) }
        #expect(HubTopic.telemetry(deviceID: vector.device_id, properties: bag) == vector.topic)
    }

    @Test("Request and response topics are exact", arguments: Vectors.topics.publish_topics)
    func publish(vector: TopicVectors.Publish) throws {
        let topic =
            switch vector.kind {
            case "method-response":
                HubTopic.methodResponse(status: try #require(vector.status), requestID: vector.rid)
            case "twin-get": HubTopic.twinGet(requestID: vector.rid)
            case "twin-patch-reported": HubTopic.reportedPatch(requestID: vector.rid)
            case "dps-register": HubTopic.register(requestID: vector.rid)
            case "dps-query":
                HubTopic.operationStatus(
                    requestID: vector.rid, operationID: try #require(vector.operation_id))
            default: try #require(nil as String?, "unknown kind \(vector.kind)")
            }
        #expect(topic == vector.topic)
    }

    @Test("Subscription filters are exact")
    func filters() {
        let mine = [
            "c2d": HubTopic.cloudMessages(deviceID: "dev1"), "methods": HubTopic.methodRequests,
            "twin_responses": HubTopic.twinResponses, "desired_patches": HubTopic.desiredPatches,
            "dps_responses": HubTopic.provisioningResponses,
        ]
        #expect(mine == Vectors.topics.subscribe_filters)
    }

    @Test("Topics of the services are read, malformed ones are not", arguments: Vectors.topics.parse)
    func parse(vector: TopicVectors.Parse) throws {
        let parsed = InboundTopic(vector.topic, deviceID: "dev1")
        guard vector.error == nil else {
            #expect(parsed == nil)
            return
        }
        switch try #require(parsed) {
        case .methodRequest(let name, let requestID):
            #expect(vector.kind == "method-request")
            #expect(name == vector.method_name)
            #expect(requestID == vector.rid)
            #expect(
                HubTopic.methodResponse(status: 200, requestID: requestID) == vector.response_topic_200)
            let request = CommandRequest(requestID: requestID, methodName: name, payload: [])
            #expect(request.component == vector.component)
            #expect(request.name == vector.command)
        case .twinResponse(let status, let requestID, let version):
            #expect(vector.kind == "twin-response")
            #expect((status, requestID, version) == (vector.status, vector.rid, vector.version))
        case .desiredPatch(let version):
            #expect(vector.kind == "desired-patch")
            #expect(version == vector.version)
        case .cloudMessage(let properties):
            #expect(vector.kind == "c2d")
            let all = try #require(vector.system).merging(try #require(vector.application)) { $1 }
            #expect(properties == all)
        case .provisioningResponse(let status, let requestID, let retryAfter):
            #expect(vector.kind == "dps-response")
            #expect((status, requestID, retryAfter) == (vector.status, vector.rid, vector.retry_after))
        }
    }

    @Test("User names and client ids are exact", arguments: Vectors.topics.connect_identity)
    func userName(vector: TopicVectors.Identity) throws {
        if vector.service == "dps" {
            let name = UserName.provisioning(
                idScope: try #require(vector.id_scope), registrationID: try #require(vector.registration_id),
                productInfo: vector.client_version)
            #expect(name == vector.username)
        } else {
            let name = UserName.hub(
                host: try #require(vector.hostname), deviceID: try #require(vector.device_id),
                productInfo: vector.device_client_type, modelID: vector.model_id)
            let expected = vector.username.replacing(
                "api-version=\(vector.api_version)", with: "api-version=2021-04-12")
            #expect(name == expected)
        }
    }

    @Test("A cloud-to-device topic of another device is not ours")
    func otherDevice() {
        #expect(InboundTopic("devices/dev2/messages/devicebound/a=b", deviceID: "dev1") == nil)
        #expect(InboundTopic("devices/dev1/messages/devicebound/a=b", deviceID: nil) == nil)
    }

    @Test("Percent-decoding undoes encoding and leaves what is no escape")
    func percent() {
        for text in ["", "a b+c%20", "温度 ✓", "100%", "\u{0}\u{7F}~"] {
            #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
        }
        #expect(PercentEncoding.decode("%zz%2") == "%zz%2")
        #expect(PercentEncoding.decode("1+1") == "1+1")
    }
}
