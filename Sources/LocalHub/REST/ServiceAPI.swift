// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// The service API that Microsoft's `azure-iot-hub` packages speak: devices, twins, methods, queries.
struct ServiceAPI: Sendable {
    let hub: Hub

    /// Answers a request whose permission was checked already.
    func respond(to request: RESTRequest) async -> RESTResponse {
        do {
            return try await route(request)
        } catch let failure as HubFailure {
            let isMethod = request.path.contains("methods") || request.path.contains("commands")
            return .failure(failure, style: isMethod ? .method : .registry)
        } catch {
            return .failure(
                HubFailure(code: 500_001, name: "ServerError", message: "Unexpected: \(error)"))
        }
    }

    private func route(_ request: RESTRequest) async throws -> RESTResponse {
        let id = request.path.count > 1 ? request.path[1] : ""
        switch (request.method, request.path.first, request.path.count) {
        case ("GET", "devices", 1): return try await devices(request)
        case ("POST", "devices", 1): return try await bulk(request)
        case ("POST", "devices", 2) where id == "query": return try await query(request)
        case ("GET", "devices", 2): return Self.answer(try await existing(id))
        case ("PUT", "devices", 2): return try await putDevice(id, request)
        case ("DELETE", "devices", 2):
            try await hub.deleteDevice(id, ifMatch: request.ifMatch)
            return .noContent
        case ("GET", "statistics", 2): return try await statistics(request)
        case ("GET", "twins", 2): return try await twinAnswer(id)
        case ("PATCH", "twins", 2): return try await changeTwin(id, request, replace: false)
        case ("PUT", "twins", 2): return try await changeTwin(id, request, replace: true)
        case ("POST", "twins", 3) where request.path[2] == "methods":
            return try await invokeMethod(id, request)
        case (_, "digitaltwins", 2...):
            return try await DigitalTwinAPI(hub: hub).respond(to: request)
        default:
            throw HubFailure.noSuchPath(request)
        }
    }
}

// MARK: - Registry

extension ServiceAPI {
    private func existing(_ id: String) async throws(HubFailure) -> Device {
        guard let device = await hub.device(id) else { throw .deviceNotFound(id) }
        return device
    }

    private static func answer(_ device: Device) -> RESTResponse {
        RESTResponse(status: 200, headers: [("ETag", "\"\(device.etag)\"")], document: device.document)
    }

    private func devices(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        // Outside 1…1000 the service silently takes 1000.
        let asked = request.query["top"].flatMap { Int($0) } ?? 1000
        let top = (1...1000).contains(asked) ? asked : 1000
        return .ok(.array(await hub.devices(top: top).map(\.document)))
    }

    private func putDevice(_ id: String, _ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let members = try request.members()
        guard members["deviceId"]?.string == id else {
            throw .argumentInvalid("deviceId of the body must be the id of the path, \"\(id)\".")
        }
        let specification = try DeviceSpecification(members: members)
        return Self.answer(try await hub.putDevice(id, specification, ifMatch: request.ifMatch))
    }

    private func statistics(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let statistics = await hub.statistics()
        switch request.path[1] {
        case "devices":
            return .ok([
                "totalDeviceCount": .integer(statistics.total),
                "enabledDeviceCount": .integer(statistics.enabled),
                "disabledDeviceCount": .integer(statistics.disabled),
            ])
        case "service":
            return .ok(["connectedDeviceCount": .integer(statistics.connected)])
        default:
            throw .noSuchPath(request)
        }
    }
}

// MARK: - Twins and methods

extension ServiceAPI {
    private func twinAnswer(_ id: String) async throws(HubFailure) -> RESTResponse {
        let device = try await existing(id)
        let twin = try await hub.twin(id)
        return RESTResponse(
            status: 200, headers: [("ETag", "\"\(twin.etag)\"")], document: twin.document(of: device))
    }

    private func changeTwin(
        _ id: String, _ request: RESTRequest, replace: Bool
    ) async throws(HubFailure) -> RESTResponse {
        let members = try request.members()
        _ = try await hub.updateTwin(
            id, tags: members["tags"], desired: members["properties"]?["desired"], replace: replace,
            ifMatch: request.ifMatch)
        return try await twinAnswer(id)
    }

    private func invokeMethod(_ id: String, _ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let members = try request.members()
        guard let name = members["methodName"]?.string, !name.isEmpty else {
            throw .argumentInvalid("methodName is missing; name the method to call.")
        }
        let result = try await hub.invokeMethod(
            id, name: name, payload: members["payload"],
            responseTimeout: try Self.timeout(members["responseTimeoutInSeconds"], in: 5...300, else: 30),
            connectTimeout: try Self.timeout(members["connectTimeoutInSeconds"], in: 0...300, else: 0))
        return .ok(["status": .integer(result.status), "payload": result.payload])
    }

    /// A time limit of a method call in seconds; throws 400004 outside the service's limits.
    static func timeout(
        _ value: JSON?, in range: ClosedRange<Int>, else usual: Int
    ) throws(HubFailure) -> Duration {
        guard let value, value != .null else { return .seconds(usual) }
        guard let seconds = value.integer, range.contains(seconds) else {
            throw .argumentInvalid(
                "A timeout is \(value); give whole seconds from \(range.lowerBound) to \(range.upperBound).")
        }
        return .seconds(seconds)
    }
}
