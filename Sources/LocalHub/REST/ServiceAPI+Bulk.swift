// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

extension ServiceAPI {
    /// `POST /devices`: up to 100 operations on different devices; 400 when one of them failed.
    func bulk(_ request: RESTRequest) async throws(HubFailure) -> RESTResponse {
        guard let operations = try request.document().array, operations.count <= 100 else {
            throw .argumentInvalid("The body must be an array of at most 100 devices.")
        }
        var errors: [JSON] = []
        for operation in operations {
            let id = operation["id"]?.string ?? ""
            let mode = operation["importMode"]?.string ?? "create"
            do throws(HubFailure) {
                try await apply(mode, to: id, operation)
            } catch {
                errors.append([
                    "deviceId": .string(id), "errorCode": .string(error.name),
                    "errorStatus": .string(error.message), "operation": .string(mode),
                ])
            }
        }
        return RESTResponse(
            status: errors.isEmpty ? 200 : 400,
            document: ["isSuccessful": .bool(errors.isEmpty), "errors": .array(errors), "warnings": []])
    }

    private func apply(_ mode: String, to id: String, _ operation: JSON) async throws(HubFailure) {
        let etag = operation["eTag"]?.string
        switch mode {
        case "create", "createOrUpdate":
            try await put(
                id, operation, ifMatch: mode == "create" ? nil : await hub.device(id).map { _ in "*" })
        case "update", "updateIfMatchETag":
            guard await hub.device(id) != nil else { throw .deviceNotFound(id) }
            try await put(id, operation, ifMatch: mode == "update" ? "*" : etag ?? "*")
        case "delete":
            try await hub.deleteDevice(id, ifMatch: nil)
        case "deleteIfMatchETag":
            try await hub.deleteDevice(id, ifMatch: etag)
        default:
            throw .argumentInvalid(
                "importMode is \"\(mode)\"; use create, createOrUpdate, update, updateIfMatchETag, delete or "
                    + "deleteIfMatchETag.")
        }
    }

    private func put(_ id: String, _ operation: JSON, ifMatch: String?) async throws(HubFailure) {
        let specification = try DeviceSpecification(members: operation.object ?? [:])
        _ = try await hub.putDevice(id, specification, ifMatch: ifMatch)
    }
}
