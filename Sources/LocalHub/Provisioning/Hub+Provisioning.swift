// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// Accepts a CONNECT at the provisioning service.
    ///
    /// A wrong token is found out at the registration, a certificate that does not fit the id at once, as the
    /// service does.
    func connectRegistration(_ identity: ConnectIdentity, on id: Int) {
        guard identity.apiVersion != nil else { return refuseConnect(id, code: 4, because: "no api-version") }
        if let leaf = live[id]?.tls.certificates.first, live[id]?.password?.isEmpty ?? true,
            ClientCertificate.commonName(of: leaf)?.lowercased() != identity.id.lowercased()
        {
            return refuseConnect(id, code: 5, because: "certificate of another common name")
        }
        for other in live.values where other.record.service == .provisioning && other.record.id != id {
            if other.record.deviceId == identity.id { end(other.record.id, because: "newer connection") }
        }
        confirm(id, sessionPresent: false)
    }

    /// Handles PUBLISH at the provisioning service.
    func receiveRegistration(_ publish: MQTTPublish, on id: Int) {
        guard let record = live[id]?.record, let request = RequestTopic(publish.topic),
            request.path.count == 4, request.path.starts(with: ["$dps", "registrations"]),
            let step = Self.step(request.path)
        else { return refuse(id, .topic, "PUBLISH to \"\(publish.topic)\"") }
        acknowledge(publish, on: id)
        guard let rid = request.requestId else { return refuse(id, .provisioning, "request without $rid") }
        guard record.subscriptions[Filters.registrations] != nil else {
            return report(.requestWithoutSubscription, "request before subscribing to its answers", on: id)
        }
        if takeFault(.provisioningSilence(step), for: record.deviceId) { return }
        let fault = takeFault(for: record.deviceId) {
            if case .provisioningError(step, let code, let retry) = $0 {
                (code: code, retry: retry)
            } else {
                nil
            }
        }
        if let fault {
            let failure = HubFailure(code: fault.code, name: "Fault", message: "Answered so on request.")
            return answer(failure.status, rid, retryAfter: fault.retry, deviceBody(failure), on: id)
        }
        do throws(HubFailure) {
            switch step {
            case .register: try register(rid, publish.payload, on: id)
            case .poll: try poll(rid, request.query["operationId"] ?? nil, on: id)
            }
        } catch {
            answer(error.status, rid, deviceBody(error), on: id)
        }
    }

    private static func step(_ path: [String]) -> Fault.ProvisioningStep? {
        switch path[2...] {
        case ["PUT", "iotdps-register"]: .register
        case ["GET", "iotdps-get-operationstatus"]: .poll
        default: nil
        }
    }

    private func register(_ rid: String, _ body: [UInt8], on id: Int) throws(HubFailure) {
        guard let identity = live[id]?.identity else { return }
        guard let request = try? JSON(parsing: body), let named = request["registrationId"]?.string,
            named.lowercased() == identity.id.lowercased()
        else {
            report(.provisioning, "register body without the registration id of the connection", on: id)
            throw .argumentInvalid("The body must be JSON with the registrationId of the user name.")
        }
        let proof = try prove(identity, on: id)
        let now = configuration.now()
        let delay = TimeInterval(proof.behavior.retryAfter ?? 0)
        var registration = Registration(
            operationId: "4.\(String(nextNumber(), radix: 16)).\(UUID().uuidString.lowercased())",
            registrationId: identity.id, proof: proof, requestPayload: request["payload"] ?? .null,
            createdAt: now,
            pendingReplies: proof.behavior.pendingReplies, nextPoll: now.addingTimeInterval(delay),
            etag: newEtag())
        guard registration.pendingReplies > 0 else {
            registrationsById[identity.id.lowercased()] = registration
            return try finish(rid, registration, on: id)
        }
        registration.pendingReplies -= 1
        registrationsById[identity.id.lowercased()] = registration
        answer(202, rid, retryAfter: proof.behavior.retryAfter, registration.pendingDocument, on: id)
    }

    private func poll(_ rid: String, _ operation: String?, on id: Int) throws(HubFailure) {
        guard let identity = live[id]?.identity else { return }
        _ = try prove(identity, on: id)
        let key = identity.id.lowercased()
        guard var registration = registrationsById[key], registration.operationId == operation else {
            report(.provisioning, "poll for an operation that does not exist", on: id)
            throw HubFailure(
                code: 404_202, name: "OperationNotFound", message: "No such operation. Register again.")
        }
        let now = configuration.now()
        let early = registration.nextPoll.timeIntervalSince(now)
        // Timers of clients may be a little fast; a tenth of a second is no violation.
        if early > 0.1 { report(.provisioning, "poll \(early) s ahead of retry-after", on: id) }
        guard registration.pendingReplies > 0 else { return try finish(rid, registration, on: id) }
        registration.pendingReplies -= 1
        registration.nextPoll = now.addingTimeInterval(
            TimeInterval(registration.proof.behavior.retryAfter ?? 0))
        registrationsById[key] = registration
        let retry = registration.proof.behavior.retryAfter
        answer(202, rid, retryAfter: retry, registration.pollingDocument, on: id)
    }

    private func finish(_ rid: String, _ registration: Registration, on id: Int) throws(HubFailure) {
        let proof = registration.proof
        if registration.finalStatus == .assigned { try assign(proof) }
        var registration = registration
        registration.isFinal = true
        registrationsById[registration.registrationId.lowercased()] = registration
        let hub = proof.behavior.assignedHub ?? configuration.assignedHub
        answer(200, rid, registration.finalDocument(assignedHub: hub, at: configuration.now()), on: id)
    }

    /// Creates the device, or renews its proof of identity; its twin stays.
    private func assign(_ proof: RegistrationProof) throws(HubFailure) {
        guard states[proof.deviceId] == nil else {
            states[proof.deviceId]?.device.authentication = proof.authentication
            return changed()
        }
        try putDevice(proof.deviceId, DeviceSpecification(authentication: proof.authentication))
        if let desired = proof.initialDesired {
            try updateTwin(proof.deviceId, desired: desired, replace: true)
        }
    }

    private func answer(
        _ status: Int, _ rid: String, retryAfter: Int? = nil, _ body: JSON, on id: Int
    ) {
        let retry = retryAfter.map { "&retry-after=\($0)" } ?? ""
        publish(
            "$dps/registrations/res/\(status)/?$rid=\(rid)\(retry)", body.bytes, qos: 1,
            filter: Filters.registrations, on: id)
    }
}
