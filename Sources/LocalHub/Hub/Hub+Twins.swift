// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// The twin of a device.
    ///
    /// Throws 404001 when there is no such device.
    public func twin(_ id: String) throws(HubFailure) -> Twin {
        guard let twin = states[id]?.twin else { throw .deviceNotFound(id) }
        return twin
    }

    /// Changes tags and desired properties as a service client, and tells the device.
    ///
    /// Merges by RFC 7396, or with `replace` puts each given part in place of the whole old one. Members
    /// `$version` and `$metadata` at the top of desired are ignored. Throws 404001, 412001, 400004, 413001.
    @discardableResult
    public func updateTwin(
        _ id: String, tags: JSON? = nil, desired: JSON? = nil, replace: Bool = false, ifMatch: String? = nil
    ) throws(HubFailure) -> Twin {
        guard var twin = states[id]?.twin else { throw .deviceNotFound(id) }
        try checkEtag(ifMatch, twin.etag)
        if let tags {
            try TwinRules.check(tags)
            twin.tags = replace ? TwinRules.withoutNulls(tags) : TwinRules.merged(twin.tags, tags)
            try TwinRules.checkSize(twin.tags, limit: TwinRules.tagsLimit, name: "tags")
        }
        var change = desired
        if var members = desired?.object {
            members["$version"] = nil
            members["$metadata"] = nil
            change = .object(members)
        }
        if let change {
            try TwinRules.check(change)
            if replace {
                twin.desired.replace(change, at: configuration.now())
            } else {
                twin.desired.merge(change, at: configuration.now())
            }
            try TwinRules.checkSize(
                twin.desired.properties, limit: TwinRules.sectionLimit, name: "desired properties")
        }
        guard tags != nil || change != nil else { return twin }
        twin.etag = newEtag()
        twin.version += 1
        states[id]?.twin = twin
        if let change { push(replace ? twin.desired.properties : change, twin.desired.version, to: id) }
        changed()
        return twin
    }

    private func push(_ change: JSON, _ version: Int, to device: String) {
        guard let connection = states[device]?.connection else { return }
        var body = change.object ?? [:]
        body["$version"] = .integer(version)
        publish(
            "$iothub/twin/PATCH/properties/desired/?$version=\(version)", JSON.object(body).bytes, qos: 0,
            filter: Filters.desiredPatches, on: connection)
    }

    func getTwin(_ request: RequestTopic, on id: Int) {
        guard let rid = checkTwinRequest(request, .get, on: id) else { return }
        guard let device = live[id]?.record.deviceId, let twin = states[device]?.twin else { return }
        let body: JSON = ["desired": twin.desired.deviceDocument, "reported": twin.reported.deviceDocument]
        answerTwin(200, rid, body: body.bytes, on: id)
    }

    func patchReported(_ request: RequestTopic, _ payload: [UInt8], on id: Int) {
        guard let rid = checkTwinRequest(request, .patch, on: id), let device = live[id]?.record.deviceId
        else { return }
        do throws(HubFailure) {
            let patch: JSON
            do { patch = try JSON(parsing: payload) } catch { throw HubFailure.argumentInvalid("\(error)") }
            try TwinRules.check(patch)
            guard var twin = states[device]?.twin else { return }
            twin.reported.merge(patch, at: configuration.now())
            twin.version += 1
            try TwinRules.checkSize(
                twin.reported.properties, limit: TwinRules.sectionLimit, name: "reported properties")
            states[device]?.twin = twin
            answerTwin(204, rid, version: twin.reported.version, body: [], on: id)
        } catch {
            report(.twinRequest, "reported patch: \(error.message)", on: id)
            answerTwin(error.status, rid, body: deviceBody(error).bytes, on: id)
        }
    }

    /// Returns the request id when the request is to be answered properly; applies faults.
    private func checkTwinRequest(_ request: RequestTopic, _ operation: Fault.TwinOperation, on id: Int)
        -> String?
    {
        guard let rid = request.requestId else {
            refuse(id, .twinRequest, "twin request without $rid")
            return nil
        }
        guard let record = live[id]?.record, record.subscriptions[Filters.twinResponses] != nil else {
            report(.requestWithoutSubscription, "twin request before subscribing to its answers", on: id)
            return nil
        }
        if takeFault(.twinSilence(operation), for: record.deviceId) { return nil }
        let status = takeFault(for: record.deviceId) {
            if case .twinStatus(operation, let status) = $0 { status } else { nil }
        }
        guard let status else { return rid }
        let failure = HubFailure(code: status * 1000 + 1, name: "Fault", message: "Answered so on request.")
        answerTwin(status, rid, body: deviceBody(failure).bytes, on: id)
        return nil
    }

    private func answerTwin(_ status: Int, _ rid: String, version: Int? = nil, body: [UInt8], on id: Int) {
        let suffix = version.map { "&$version=\($0)" } ?? ""
        publish(
            "$iothub/twin/res/\(status)/?$rid=\(rid)\(suffix)", body, qos: 0, filter: Filters.twinResponses,
            on: id)
    }

    /// An error in the flat form devices get.
    func deviceBody(_ failure: HubFailure) -> JSON {
        [
            "errorCode": .integer(failure.code), "trackingId": .string(UUID().uuidString),
            "message": .string(failure.message), "timestampUtc": .string(Timestamp.text(configuration.now())),
        ]
    }
}
