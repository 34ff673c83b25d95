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
        var topic: [UInt8] = []
        topic.reserveCapacity(256)
        topic += "devices/".utf8
        topic += deviceID.utf8
        topic += "/messages/events/".utf8
        properties.append(to: &topic)
        return String(decoding: topic, as: UTF8.self)
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
    enum System: String {
        case outputName = "$.on"
        case messageID = "$.mid"
        case correlationID = "$.cid"
        case userID = "$.uid"
        case contentType = "$.ct"
        case contentEncoding = "$.ce"
        case interfaceID = "$.ifid"
        case expiry = "$.exp"
    }

    /// Sorted by their order, each at most once.
    private(set) var system: [(key: System, value: String)] = []
    var application: [TelemetryMessage.Property] = []

    /// Sets a system property; `nil` leaves it out.
    mutating func set(_ key: System, to value: String?) {
        system.removeAll { $0.key == key }
        guard let value else { return }
        system.insert((key, value), at: system.firstIndex { $0.key.rank > key.rank } ?? system.endIndex)
    }

    /// Writes `name=value&…`, percent-encoded.
    func append(to output: inout [UInt8]) {
        var isFirst = true
        for (key, value) in system { Self.append(key.rawValue, value, &isFirst, to: &output) }
        let sorted = application.sorted {
            $0.name == $1.name ? Self.precedes($0.value, $1.value) : Self.precedes($0.name, $1.name)
        }
        for property in sorted { Self.append(property.name, property.value, &isFirst, to: &output) }
    }

    private static func append(
        _ name: String, _ value: String, _ isFirst: inout Bool, to output: inout [UInt8]
    ) {
        if !isFirst { output.append(UInt8(ascii: "&")) }
        isFirst = false
        PercentEncoding.append(name, to: &output)
        output.append(UInt8(ascii: "="))
        PercentEncoding.append(value, to: &output)
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

extension PropertyBag.System {
    fileprivate var rank: Int {
        switch self {
        case .outputName: 0
        case .messageID: 1
        case .correlationID: 2
        case .userID: 3
        case .contentType: 4
        case .contentEncoding: 5
        case .interfaceID: 6
        case .expiry: 7
        }
    }
}
