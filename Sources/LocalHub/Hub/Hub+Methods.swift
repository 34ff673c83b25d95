// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

/// A direct method call that waits for the device.
struct PendingMethod {
    let deviceId: String
    let continuation: CheckedContinuation<Result<MethodResult, HubFailure>, Never>
    let timer: Task<Void, Never>
}

extension Hub {
    /// Largest method request and response.
    static let methodLimit = 131_072

    /// Calls a direct method and waits for the answer.
    ///
    /// A nil payload arrives as an empty body. Throws 404001 for an unknown device, 404103 when the device is not
    /// connected and subscribed within `connectTimeout`, 504101 when it does not answer within `responseTimeout`.
    public func invokeMethod(
        _ id: String, name: String, payload: JSON? = nil, responseTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .zero
    ) async throws(HubFailure) -> MethodResult {
        guard states[id] != nil else { throw .deviceNotFound(id) }
        guard !name.isEmpty else { throw .argumentInvalid("The method name is empty.") }
        let body = payload?.bytes ?? []
        guard body.count <= Self.methodLimit else {
            throw .tooLarge("A method payload may hold \(Self.methodLimit) bytes, not \(body.count).")
        }
        if methodConnection(of: id) == nil {
            guard connectTimeout > .zero,
                await wait(upTo: connectTimeout, until: { $0.methodConnection(of: id) != nil })
            else { throw .deviceNotOnline(after: connectTimeout) }
        }
        guard let connection = methodConnection(of: id) else { throw .deviceNotOnline(after: connectTimeout) }
        let rid = String(nextNumber(), radix: 16)
        issuedMethods.add(rid, device: id)
        let result = await withCheckedContinuation { continuation in
            let timer = Task { [weak self] in
                guard (try? await Task.sleep(for: responseTimeout)) != nil else { return }
                await self?.finishMethod(rid, .failure(.gatewayTimeout))
            }
            pendingMethods[rid] = PendingMethod(deviceId: id, continuation: continuation, timer: timer)
            publish(
                "$iothub/methods/POST/\(Self.methodTopicName(name))/?$rid=\(rid)", body, qos: 0,
                filter: Filters.methods, on: connection)
        }
        return try result.get()
    }

    /// The connection on which a device takes methods, nil when there is none.
    private func methodConnection(of device: String) -> Int? {
        guard let id = states[device]?.connection, live[id]?.record.subscriptions[Filters.methods] != nil
        else {
            return nil
        }
        return id
    }

    /// Percent-encodes a name, but leaves `*`, which separates component and command, as the service does.
    static func methodTopicName(_ name: String) -> String {
        name.split(separator: "*", omittingEmptySubsequences: false).map {
            PercentEncoding.encode(String($0))
        }
        .joined(separator: "*")
    }

    func receiveMethodResponse(_ request: RequestTopic, status: String, _ publish: MQTTPublish, on id: Int) {
        guard let rid = request.requestId, let status = Int(status) else {
            return refuse(id, .methodResponse, "PUBLISH to \"\(publish.topic)\"")
        }
        guard let device = live[id]?.record.deviceId, issuedMethods[rid] == device else {
            return report(.methodResponse, "answer to request \"\(rid)\", which was never made", on: id)
        }
        guard publish.payload.count <= Self.methodLimit else {
            return refuse(id, .messageSize, "method answer of \(publish.payload.count) bytes")
        }
        var payload = JSON.null
        if !publish.payload.isEmpty {
            guard let value = try? JSON(parsing: publish.payload) else {
                report(.methodResponse, "answer to request \"\(rid)\" is not JSON", on: id)
                return finishMethod(
                    rid, .failure(.argumentInvalid("The device answered with a body that is not JSON.")))
            }
            payload = value
        }
        finishMethod(rid, .success(MethodResult(status: status, payload: payload)))
    }

    /// Answers the caller, once; late answers find nobody and are discarded.
    func finishMethod(_ rid: String, _ result: Result<MethodResult, HubFailure>) {
        guard let pending = pendingMethods.removeValue(forKey: rid) else { return }
        pending.timer.cancel()
        pending.continuation.resume(returning: result)
    }
}
