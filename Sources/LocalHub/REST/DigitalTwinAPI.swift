// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// The Plug and Play view of the service API: a twin told in components, changed by JSON Patch, and commands.
struct DigitalTwinAPI: Sendable {
    let hub: Hub

    /// Answers a request below `/digitaltwins/{id}`.
    func respond(to request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let path = request.path
        switch (request.method, path.count) {
        case ("GET", 2):
            let twin = try await hub.twin(path[1])
            return RESTResponse(
                status: 200, headers: [("ETag", "\"\(twin.etag)\"")], document: Self.document(of: twin))
        case ("PATCH", 2):
            let desired = try Self.desired(patch: try request.document())
            let twin = try await hub.updateTwin(
                path[1], tags: nil, desired: desired, replace: false, ifMatch: request.ifMatch)
            return RESTResponse(status: 202, headers: [("ETag", "\"\(twin.etag)\"")])
        case ("POST", 4) where path[2] == "commands":
            return try await invoke(path[3], on: path[1], request)
        case ("POST", 6) where path[2] == "components" && path[4] == "commands":
            return try await invoke("\(path[3])*\(path[5])", on: path[1], request)
        default:
            throw .noSuchPath(request)
        }
    }

    private func invoke(
        _ name: String, on id: String, _ request: RESTRequest
    ) async throws(HubFailure) -> RESTResponse {
        let payload: JSON? = request.body.isEmpty ? nil : try request.document()
        let result = try await hub.invokeMethod(
            id, name: name, payload: payload,
            responseTimeout: .seconds(try request.number("responseTimeoutInSeconds", in: 5...300) ?? 30),
            connectTimeout: .seconds(try request.number("connectTimeoutInSeconds", in: 0...300) ?? 0))
        return RESTResponse(
            status: 200,
            headers: [
                ("x-ms-command-statuscode", String(result.status)), ("x-ms-request-id", UUID().uuidString),
            ],
            document: result.payload)
    }
}

extension DigitalTwinAPI {
    /// Reported properties by component, each acknowledgement (`value`, `ac`, `av`, `ad`) taken apart.
    static func document(of twin: Twin) -> JSON {
        var root = part(twin.reported.properties, desired: twin.desired)
        root["$dtId"] = .string(twin.deviceId)
        var metadata = root["$metadata"]?.object ?? [:]
        metadata["$model"] = .string(twin.modelId ?? "")
        root["$metadata"] = .object(metadata)
        return .object(root)
    }

    private static func part(_ reported: JSON, desired: TwinSection, component: String? = nil) -> [String:
        JSON]
    {
        var members: [String: JSON] = [:]
        var metadata: [String: JSON] = [:]
        for (name, value) in reported.object ?? [:] where !name.hasPrefix("$") && name != "__t" {
            if component == nil, value["__t"] == "c" {
                members[name] = .object(part(value, desired: desired, component: name))
                continue
            }
            var about: [String: JSON] = [:]
            let wanted = component.map { desired.properties[$0] } ?? desired.properties
            if let wanted = wanted?[name] {
                about["desiredValue"] = wanted
                about["desiredVersion"] = .integer(desired.version)
            }
            if let acknowledged = value["value"], value["ac"] != nil {
                members[name] = acknowledged
                about["ackCode"] = value["ac"]
                about["ackVersion"] = value["av"]
                about["ackDescription"] = value["ad"]
            } else {
                members[name] = value
            }
            metadata[name] = .object(about)
        }
        members["$metadata"] = .object(metadata)
        return members
    }

    /// Turns a JSON Patch (RFC 6902) on properties or whole components into a merge patch of desired properties.
    static func desired(patch: JSON) throws(HubFailure) -> JSON {
        guard let operations = patch.array, !operations.isEmpty else {
            throw .argumentInvalid("The body must be a JSON Patch: a list of operations.")
        }
        var desired: [String: JSON] = [:]
        for operation in operations {
            let path = try pointer(operation["path"]?.string ?? "")
            let value: JSON
            switch (operation["op"]?.string, operation["value"]) {
            case ("add", let given?), ("replace", let given?): value = given
            case ("remove", _): value = .null
            default: throw .argumentInvalid("An operation must be add or replace with a value, or remove.")
            }
            guard path.count == 2 else {
                desired[path[0]] = value
                continue
            }
            var component = desired[path[0]]?.object ?? ["__t": "c"]
            component[path[1]] = value
            desired[path[0]] = .object(component)
        }
        return .object(desired)
    }

    /// One or two names out of a JSON Pointer (RFC 6901).
    private static func pointer(_ text: String) throws(HubFailure) -> [String] {
        let names = text.split(separator: "/").map {
            $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        }
        guard text.hasPrefix("/"), (1...2).contains(names.count) else {
            throw .argumentInvalid("The path \"\(text)\" must be /property or /component/property.")
        }
        return names
    }
}
