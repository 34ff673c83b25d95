// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The topics that a device publishes to and subscribes to (protocol reference 6…11).
enum HubTopic {
    static let twinResponses = "$iothub/twin/res/#"
    static let desiredPatches = "$iothub/twin/PATCH/properties/desired/#"
    static let methodRequests = "$iothub/methods/POST/#"
    static let provisioningResponses = "$dps/registrations/res/#"

    static func cloudMessages(deviceID: String) -> String { "devices/\(deviceID)/messages/devicebound/#" }

    static func telemetry(deviceID: String, properties: PropertyBag) -> String {
        "devices/\(deviceID)/messages/events/\(properties.encoded)"
    }

    static func twinGet(requestID: String) -> String { "$iothub/twin/GET/?$rid=\(requestID)" }

    static func reportedPatch(requestID: String) -> String {
        "$iothub/twin/PATCH/properties/reported/?$rid=\(requestID)"
    }

    static func methodResponse(status: Int, requestID: String) -> String {
        "$iothub/methods/res/\(status)/?$rid=\(requestID)"
    }

    static func register(requestID: String) -> String {
        "$dps/registrations/PUT/iotdps-register/?$rid=\(requestID)"
    }

    static func operationStatus(requestID: String, operationID: String) -> String {
        "$dps/registrations/GET/iotdps-get-operationstatus/?$rid=\(requestID)"
            + "&operationId=\(PercentEncoding.encode(operationID))"
    }
}

/// The properties in a telemetry topic: system properties in a fixed order, then the application's, sorted.
struct PropertyBag {
    /// System properties in the order in which they are written.
    enum System: String, CaseIterable {
        case outputName = "$.on"
        case messageID = "$.mid"
        case correlationID = "$.cid"
        case userID = "$.uid"
        case contentType = "$.ct"
        case contentEncoding = "$.ce"
        case interfaceID = "$.ifid"
        case expiry = "$.exp"
    }

    var system: [System: String] = [:]
    var application: [TelemetryMessage.Property] = []

    var encoded: String {
        let first = System.allCases.compactMap { key in
            system[key].map { TelemetryMessage.Property(name: key.rawValue, value: $0) }
        }
        let second = application.sorted {
            $0.name == $1.name ? Self.precedes($0.value, $1.value) : Self.precedes($0.name, $1.name)
        }
        return (first + second)
            .map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
            .joined(separator: "&")
    }

    /// Bytes that count against the limit of a message.
    var size: Int {
        system.reduce(0) { $0 + $1.key.rawValue.utf8.count + $1.value.utf8.count }
            + application.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    // The order of UTF-8 bytes is the order of code points; `String.<` compares normalised forms instead.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
