// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Testing

@testable import LocalHub

@Suite("Texts of the REST client")
struct RESTClientTextTests {
    @Test(
        "A service connection string reads back as it is written",
        arguments: [
            ("HostName=localhost:8443;SharedAccessKeyName=owner;SharedAccessKey=AAEC", "localhost", 8443),
            ("HostName=hub.example;SharedAccessKeyName=owner;SharedAccessKey=AAEC", "hub.example", 443),
            ("HostName=[::1]:8443;SharedAccessKeyName=owner;SharedAccessKey=AAEC", "::1", 8443),
        ])
    func connectionString(text: String, host: String, port: Int) throws {
        let connection = try #require(ServiceConnectionString(text))
        #expect(connection.host == host)
        #expect(connection.port == port)
        #expect(connection.text == text)
    }

    @Test(
        "A text without host, policy or key is no connection string",
        arguments: [
            "", "HostName=h", "HostName=h;SharedAccessKeyName=o;SharedAccessKey=?",
            "HostName=;SharedAccessKeyName=o;SharedAccessKey=AAEC",
            "HostName=h:0;SharedAccessKeyName=o;SharedAccessKey=AAEC",
            "HostName=h;HostName=g;SharedAccessKeyName=o;SharedAccessKey=AAEC",
        ])
    func notAConnectionString(text: String) {
        #expect(ServiceConnectionString(text) == nil)
    }

    @Test("Assignments become one patch with components marked")
    func assignments() throws {
        let texts = [
            "thermostat1.targetTemperature=21.5", "thermostat1.name=living room",
            "thermostat2.targetTemperature=null",
            "interval=8", "label=a=b",
        ]
        let parsed = try texts.map { try #require(DesiredAssignment($0)) }
        #expect(
            DesiredAssignment.patch(parsed) == [
                "thermostat1": ["__t": "c", "targetTemperature": 21.5, "name": "living room"],
                "thermostat2": ["__t": "c", "targetTemperature": .null],
                "interval": 8, "label": "a=b",
            ])
    }

    @Test("A text without a name is no assignment", arguments: ["", "a", "=1", "a..b=1", ".a=1", "a.=1"])
    func notAnAssignment(text: String) {
        #expect(DesiredAssignment(text) == nil)
    }

    @Test("Pretty text has one member per line in order of names")
    func pretty() {
        let value: JSON = ["b": [1, ["c": .null]], "a": .emptyObject]
        #expect(
            value.prettyText == """
                {
                  "a": {},
                  "b": [
                    1,
                    {
                      "c": null
                    }
                  ]
                }
                """)
    }
}
