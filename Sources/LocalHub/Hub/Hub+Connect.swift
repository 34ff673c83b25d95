// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// Checks a CONNECT and answers it.
    func connect(_ connect: MQTTConnect, on id: Int) {
        live[id]?.record.clientId = connect.clientId
        live[id]?.record.userName = connect.userName
        guard connect.protocolName == "MQTT", connect.level == 4 else {
            return refuseConnect(
                id, code: 1, .protocolVersion, "\(connect.protocolName) level \(connect.level)")
        }
        live[id]?.record.keepAlive = Int(connect.keepAlive)
        live[id]?.record.cleanSession = connect.cleanSession
        live[id]?.password = connect.password.map { String(decoding: $0, as: UTF8.self) }
        guard let userName = connect.userName, let identity = ConnectIdentity(userName: userName) else {
            return refuseConnect(id, code: 4, .userName, "user name \"\(connect.userName ?? "")\"")
        }
        note(identity, on: id)
        let device = identity.id
        if takeFault(.silentConnect, for: device) { return }
        let refusal = takeFault(for: device) { if case .refuseConnect(let code) = $0 { code } else { nil } }
        if let refusal { return refuseConnect(id, code: refusal, because: "refused on request") }
        guard connect.clientId == identity.id else {
            return refuseConnect(
                id, code: 2, .clientId, "client id \"\(connect.clientId)\" for \"\(device)\"")
        }
        checkQuery(identity, on: id)
        if connect.keepAlive == 0 || connect.keepAlive > 1767 {
            report(.keepAlive, "keep-alive of \(connect.keepAlive) s", on: id)
        }
        switch identity.service {
        case .hub: connectDevice(identity, connect, on: id)
        case .provisioning: connectRegistration(identity, on: id)
        }
    }

    /// Answers CONNECT with an error code and closes.
    func refuseConnect(_ id: Int, code: Int, because reason: String) {
        live[id]?.record.connackCode = code
        send(.connack(sessionPresent: false, code: UInt8(clamping: code)), on: id)
        end(id, because: "CONNECT refused with code \(code): \(reason)")
    }

    private func refuseConnect(_ id: Int, code: Int, _ kind: Violation.Kind, _ detail: String) {
        report(kind, detail, on: id)
        refuseConnect(id, code: code, because: detail)
    }

    private func note(_ identity: ConnectIdentity, on id: Int) {
        live[id]?.identity = identity
        live[id]?.record.service = identity.service
        live[id]?.record.deviceId = identity.id
        live[id]?.record.apiVersion = identity.apiVersion
        live[id]?.record.modelId = identity.modelId
        live[id]?.record.clientType = identity.clientType
    }

    private func checkQuery(_ identity: ConnectIdentity, on id: Int) {
        guard let version = identity.apiVersion else {
            return report(.apiVersion, "no api-version in the user name", on: id)
        }
        // ISO dates compare as texts.
        if identity.service == .hub, identity.modelId != nil, version < "2020-09-30" {
            report(.apiVersion, "model-id needs api-version 2020-09-30 or later, not \(version)", on: id)
        }
    }

    private func connectDevice(_ identity: ConnectIdentity, _ connect: MQTTConnect, on id: Int) {
        if let will = connect.will {
            guard TelemetryTopic(will.topic, device: identity.id) != nil, will.qos < 2 else {
                return refuseConnect(id, code: 5, .will, "will on \"\(will.topic)\" with QoS \(will.qos)")
            }
        }
        switch authenticate(identity, on: id) {
        case .refused(let code, let reason, let violation):
            if let violation { report(violation, reason, on: id) }
            refuseConnect(id, code: code, because: reason)
        case .accepted(let expiry):
            disconnect(device: identity.id, except: id)
            accept(identity, connect, tokenExpiry: expiry, on: id)
        }
    }

    private func disconnect(device: String, except id: Int) {
        for other in live.values
        where other.record.deviceId == device && other.record.service == .hub && other.record.id != id {
            end(other.record.id, because: "400027 ConnectionForcefullyClosedOnNewConnection")
        }
    }

    private func accept(_ identity: ConnectIdentity, _ connect: MQTTConnect, tokenExpiry: Date?, on id: Int) {
        let device = identity.id
        if takeFault(.sessionForgotten, for: device) { forgetSession(device) }
        guard var state = states[device] else { return }
        if connect.cleanSession { state.session = Session() }
        let present = state.session.subscriptions != nil
        let subscriptions = state.session.subscriptions ?? [:]
        if !connect.cleanSession { state.session.subscriptions = subscriptions }
        state.connection = id
        state.hasConnectedOnce = true
        state.device.isConnected = true
        state.device.connectionStateUpdated = configuration.now()
        state.device.lastActivity = configuration.now()
        state.device.queuedMessages = state.session.queue.count
        state.twin.modelId = identity.modelId
        states[device] = state
        live[id]?.will = connect.will
        live[id]?.record.tokenExpiry = tokenExpiry
        live[id]?.record.subscriptions = subscriptions
        live[id]?.record.sessionPresent = present
        confirm(id, sessionPresent: present)
        watchToken(tokenExpiry, on: id)
        deliverMessages(to: device)
    }

    /// Sends CONNACK 0 and starts what goes with an accepted connection.
    func confirm(_ id: Int, sessionPresent: Bool) {
        live[id]?.record.connackCode = 0
        send(.connack(sessionPresent: sessionPresent, code: 0), on: id)
        let device = live[id]?.record.deviceId
        watchKeepAlive(id)
        if takeFault(.halfOpen, for: device) {
            live[id]?.isFrozen = true
            live[id]?.sink.freeze()
        }
        if takeFault(.dropAfterConnect, for: device) { end(id, because: "dropped on request") }
    }

    private func watchToken(_ expiry: Date?, on id: Int) {
        guard let expiry else { return }
        let cut = takeFault(for: live[id]?.record.deviceId) {
            if case .tokenCutShort(let after) = $0 { after } else { nil }
        }
        let rest = expiry.timeIntervalSince(configuration.now()) + configuration.tokenGrace.seconds
        // Sleeping longer than this would overflow the clock, and no test lasts a year.
        let delay = cut ?? .seconds(min(max(rest, 0), 31_536_000))
        schedule(on: id, after: delay) { $0.end(id, because: "401003 token expired") }
    }

    /// Closes after one and a half keep-alive periods without a packet.
    private func watchKeepAlive(_ id: Int) {
        guard let connection = live[id], connection.record.keepAlive > 0 else { return }
        let limit = min(Double(connection.record.keepAlive) * 1.5, 1767)
        let seen = connection.packetCount
        schedule(on: id, after: .seconds(limit / 4)) { $0.checkKeepAlive(id, seen: seen, silent: 1) }
    }

    private func checkKeepAlive(_ id: Int, seen: Int, silent quarters: Int) {
        guard let connection = live[id] else { return }
        let isSilent = connection.packetCount == seen
        // A frozen connection reads nothing by our own will, so silence says nothing.
        if isSilent, quarters >= 4, !connection.isFrozen {
            return end(id, because: "404104 keep-alive of \(connection.record.keepAlive) s exceeded")
        }
        let limit = min(Double(connection.record.keepAlive) * 1.5, 1767)
        let count = connection.packetCount
        let next = isSilent ? quarters + 1 : 1
        schedule(on: id, after: .seconds(limit / 4)) { $0.checkKeepAlive(id, seen: count, silent: next) }
    }

    /// Forgets the stored session of a device; an open connection keeps its subscriptions.
    func forgetSession(_ device: String) {
        states[device]?.session = Session()
        states[device]?.device.queuedMessages = 0
    }
}
