// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Documents of the control API")
struct RESTDocumentTests {
    @Test(
        "A fault reads back as it is written",
        arguments: [
            Fault(.refuseConnect(code: 3), deviceId: "d1", count: 2), Fault(.silentConnect),
            Fault(.dropAfterConnect), Fault(.dropOnTelemetry), Fault(.holdPubacks),
            Fault(.delayPubacks(.milliseconds(1500))), Fault(.dropPubacks(oneIn: 3), count: 1),
            Fault(.halfOpen),
            Fault(.silentPing), Fault(.wrongCertificate(.expired)), Fault(.wrongCertificate(.hostName)),
            Fault(.twinStatus(.get, status: 429)), Fault(.twinSilence(.patch)),
            Fault(.provisioningError(.register, code: 401_002, retryAfter: nil)),
            Fault(.provisioningError(.poll, code: 429_001, retryAfter: 5)),
            Fault(.provisioningSilence(.poll)), Fault(.tokenCutShort(.seconds(10))),
            Fault(.sessionForgotten), Fault(.silentSubscribe),
        ])
    func fault(fault: Fault) throws {
        let members = try #require(fault.document.object)
        #expect(try Fault(members: members) == fault)
        let name = try #require(members["kind"]?.string)
        #expect(Fault.Kind.names.contains(name))
    }

    @Test(
        "A fault that makes no sense is refused",
        arguments: [
            "{}", #"{"kind":"none"}"#, #"{"kind":"refuseConnect"}"#, #"{"kind":"refuseConnect","code":0}"#,
            #"{"kind":"delayPubacks"}"#, #"{"kind":"delayPubacks","seconds":-1}"#,
            #"{"kind":"twinSilence","operation":"put"}"#, #"{"kind":"halfOpen","count":0}"#,
            #"{"kind":"halfOpen","count":"two"}"#, #"{"kind":"provisioningError","step":"poll","code":401}"#,
        ])
    func badFault(text: String) throws {
        let members = try #require(try JSON(parsing: text).object)
        let failure = try #require(throws: HubFailure.self) { try Fault(members: members) }
        #expect(failure.code == 400_004)
    }

    @Test("An enrollment reads back as it is written")
    func enrollment() throws {
        let key = "AAECAwQFBgcICQoLDA0ODw=="
        let enrollments = [
            Enrollment(registrationId: "r1", attestation: .symmetricKey(primary: key, secondary: key)),
            Enrollment(
                registrationId: "r2", attestation: .thumbprint("AB12"), deviceId: "d2", isEnabled: false,
                initialDesired: ["a": 1],
                behavior: ProvisioningBehavior(
                    pendingReplies: 0, retryAfter: nil, outcome: .failed(code: 400_209, message: "blocked"),
                    assignedHub: "other:8884", payload: ["x": 1])),
        ]
        for enrollment in enrollments {
            let members = try #require(enrollment.document.object)
            #expect(try Enrollment(registrationId: enrollment.registrationId, members: members) == enrollment)
        }
    }

    @Test("A group reads back as it is written")
    func group() throws {
        let group = EnrollmentGroup(
            id: "g", attestation: .authority(pem: "pem"),
            behavior: ProvisioningBehavior(outcome: .disabled))
        #expect(try EnrollmentGroup(id: "g", members: try #require(group.document.object)) == group)
    }

    @Test("An enrollment without proof, or with a short key, is refused")
    func badEnrollment() {
        for members: [String: JSON] in [[:], ["primaryKey": "AAEC"], ["primaryKey": "?"]] {
            #expect(throws: HubFailure.self) { try Enrollment(registrationId: "r", members: members) }
        }
    }

    @Test("The body of a message is a text, any JSON, or base64, but only one of them")
    func message() throws {
        #expect(try CloudToDeviceMessage(members: ["body": "hi"]).body == Array("hi".utf8))
        #expect(try CloudToDeviceMessage(members: ["body": ["a": 1]]).body == Array(#"{"a":1}"#.utf8))
        #expect(try CloudToDeviceMessage(members: ["bodyBase64": "AAE="]).body == [0, 1])
        #expect(throws: HubFailure.self) {
            try CloudToDeviceMessage(members: ["body": "a", "bodyBase64": "AAE="])
        }
        #expect(throws: HubFailure.self) { try CloudToDeviceMessage(members: ["bodyBase64": "?"]) }
        #expect(throws: HubFailure.self) { try CloudToDeviceMessage(members: ["properties": ["n": 1]]) }
        let properties = try CloudToDeviceMessage(members: ["properties": ["n": .null, "e": ""]]).properties
        #expect(properties == ["n": nil, "e": ""])
    }

    @Test("A JSON Patch becomes a merge patch with the component marked")
    func digitalTwinPatch() throws {
        let patch: JSON = [
            ["op": "add", "path": "/thermostat1/targetTemperature", "value": 5],
            ["op": "replace", "path": "/thermostat1/other", "value": "x"],
            ["op": "remove", "path": "/root"],
        ]
        #expect(
            try DigitalTwinAPI.desired(patch: patch) == [
                "root": .null, "thermostat1": ["__t": "c", "targetTemperature": 5, "other": "x"],
            ])
        for bad: JSON in [
            [], [["op": "test", "path": "/a", "value": 1]], [["op": "add", "path": "/a"]],
            [["op": "add", "path": "/a/b/c", "value": 1]], [["op": "remove", "path": "a"]],
        ] {
            #expect(throws: HubFailure.self) { try DigitalTwinAPI.desired(patch: bad) }
        }
    }
}
