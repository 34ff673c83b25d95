// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation
import Testing

/// The test data that stands beside the tests.
enum Vectors {
    static let topics = load("topics", as: TopicVectors.self)
    static let tokens = load("sas-tokens", as: TokenVectors.self)

    private static func load<Value: Decodable>(_ name: String, as type: Value.Type) -> Value {
        do {
            let url = try #require(
                Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Vectors"))
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: url))
        } catch {
            // Without its data no test of the suite says anything.
            fatalError("the vectors \(name).json cannot be read: \(error)")
        }
    }
}

struct TopicVectors: Decodable {
    struct Telemetry: Decodable, CustomTestStringConvertible {
        var id: String
        var device_id: String
        var system_properties: [String: String]
        var application_properties: [String: String]
        var topic: String
        var testDescription: String { id }
    }

    struct Publish: Decodable, CustomTestStringConvertible {
        var id: String
        var kind: String
        var rid: String
        var status: Int?
        var operation_id: String?
        var topic: String
        var testDescription: String { id }
    }

    struct Parse: Decodable, CustomTestStringConvertible {
        var id: String
        var kind: String
        var topic: String
        var error: String?
        var method_name: String?
        var component: String?
        var command: String?
        var response_topic_200: String?
        var status: Int?
        var rid: String?
        var version: Int64?
        var retry_after: Int?
        var device_id: String?
        var system: [String: String?]?
        var application: [String: String?]?
        var testDescription: String { id }
    }

    struct Identity: Decodable, CustomTestStringConvertible {
        var id: String
        var service: String
        var hostname: String?
        var device_id: String?
        var model_id: String?
        var device_client_type: String?
        var id_scope: String?
        var registration_id: String?
        var client_version: String?
        var api_version: String
        var client_id: String
        var username: String
        var testDescription: String { id }
    }

    var telemetry: [Telemetry]
    var publish_topics: [Publish]
    var subscribe_filters: [String: String]
    var parse: [Parse]
    var connect_identity: [Identity]
}

struct TokenVectors: Decodable {
    struct Token: Decodable, CustomTestStringConvertible {
        var id: String
        var key_base64: String
        var resource_uri: String
        var expiry: Int64
        var key_name: String?
        var token: String
        var testDescription: String { id }
    }

    struct GroupKey: Decodable, CustomTestStringConvertible {
        var id: String
        var group_key_base64: String
        var registration_id: String
        var derived_device_key_base64: String
        var id_scope: String
        var expiry: Int64
        var dps_token: String
        var testDescription: String { id }
    }

    var tokens: [Token]
    var group_derived_keys: [GroupKey]
}
