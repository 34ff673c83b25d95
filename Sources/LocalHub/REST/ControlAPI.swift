// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

/// What only a stand-in can offer: observation, faults, enrollments and messages to devices, below `/local-hub`.
///
/// | Request | Does |
/// | --- | --- |
/// | GET `information` | id scope, host name for devices |
/// | GET `telemetry?after=&device=&limit=&wait=` | messages after a sequence number; waits up to `wait` seconds for one |
/// | GET `violations`, GET `connections` | the logs |
/// | GET, POST, DELETE `faults` | list, set, clear all or those of `?device=` |
/// | POST `devices/{id}/messages` | queues a cloud-to-device message, answers its id |
/// | POST `devices/{id}/drop` | cuts the device's connection |
/// | POST `devices/{id}/freeze` | leaves the device's connection open and dead |
/// | POST `devices/{id}/forget` | forgets the device's session |
/// | GET `registrations` | what devices asked of the provisioning service, their `payload` with it |
/// | GET `enrollments`, PUT and DELETE `enrollments/{id}` | individual enrollments |
/// | GET `groups`, PUT and DELETE `groups/{id}` | enrollment groups |
struct ControlAPI: Sendable {
    let hub: Hub
    let idScope: String
    let deviceHost: String

    /// Answers a request whose permission was checked already.
    func respond(to request: RESTRequest) async -> RESTResponse {
        do throws(HubFailure) {
            return try await route(request)
        } catch {
            return .failure(error)
        }
    }

    private func route(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        let path = request.path.dropFirst()
        let id = path.count > 1 ? path[2] : ""
        switch (request.method, path.first, path.count) {
        case ("GET", "information", 1):
            return .ok(["idScope": .string(idScope), "deviceHost": .string(deviceHost)])
        case ("GET", "telemetry", 1): return try await telemetry(request)
        case ("GET", "violations", 1):
            return .ok(["violations": .array(await hub.violations().map(\.document))])
        case ("GET", "connections", 1):
            let all = await hub.endedConnections() + hub.connections()
            return .ok(["connections": .array(all.map(\.document))])
        case ("GET", "registrations", 1):
            return .ok(["registrations": .array(await hub.registrations().map(\.document))])
        case (_, "faults", 1): return try await faults(request)
        case ("POST", "devices", 3) where path[3] == "messages":
            let message = try CloudToDeviceMessage(members: try request.members())
            return .ok(["messageId": .string(try await hub.sendToDevice(id, message))])
        case ("POST", "devices", 3):
            try await act(path[3], on: id, request)
            return .noContent
        case (_, "enrollments", 1...2): return try await enrollments(id, request)
        case (_, "groups", 1...2): return try await groups(id, request)
        default: throw .noSuchPath(request)
        }
    }

    private func act(_ action: String, on id: String, _ request: RESTRequest) async throws(HubFailure) {
        guard await hub.device(id) != nil else { throw .deviceNotFound(id) }
        switch action {
        case "drop": await hub.dropConnections(device: id)
        case "freeze": await hub.freezeConnections(device: id)
        case "forget": await hub.forgetSessions(device: id)
        default: throw .noSuchPath(request)
        }
    }

    private func faults(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        switch request.method {
        case "GET":
            return .ok(["faults": .array(await hub.faults().map(\.document))])
        case "POST":
            let fault = try Fault(members: try request.members())
            await hub.setFault(fault)
            return .ok(fault.document)
        case "DELETE":
            await hub.clearFaults(device: request.query["device"])
            return .noContent
        default:
            throw .noSuchPath(request)
        }
    }

    private func enrollments(_ id: String, _ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        switch (request.method, id) {
        case ("GET", ""):
            return .ok(["enrollments": .array(await hub.enrollments().map(\.document))])
        case ("PUT", let id) where id != "":
            let enrollment = try Enrollment(registrationId: id, members: try request.members())
            try await hub.putEnrollment(enrollment)
            return .ok(enrollment.document)
        case ("DELETE", let id) where id != "":
            try await hub.deleteEnrollment(id)
            return .noContent
        default:
            throw .noSuchPath(request)
        }
    }

    private func groups(_ id: String, _ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        switch (request.method, id) {
        case ("GET", ""):
            return .ok(["groups": .array(await hub.enrollmentGroups().map(\.document))])
        case ("PUT", let id) where id != "":
            let group = try EnrollmentGroup(id: id, members: try request.members())
            try await hub.putEnrollmentGroup(group)
            return .ok(group.document)
        case ("DELETE", let id) where id != "":
            try await hub.deleteEnrollmentGroup(id)
            return .noContent
        default:
            throw .noSuchPath(request)
        }
    }
}
