// SPDX-License-Identifier: Apache-2.0
// Copyright the sensor-agent authors

import Foundation

extension Hub {
    /// Takes a new TLS connection in; the number returned names it from now on.
    func open(_ sink: any ConnectionSink, tls: TLSDetails) -> Int {
        let id = nextNumber()
        var record = ConnectionRecord(id: id, openedAt: configuration.now())
        record.tlsVersion = tls.version
        record.serverName = tls.serverName
        record.clientCertificate = tls.certificates.first.map(ClientCertificate.sha256)
        live[id] = LiveConnection(record: record, sink: sink, tls: tls)
        let limit = configuration.connectLimit
        schedule(on: id, after: limit) { hub in
            guard hub.live[id]?.record.connackCode == nil else { return }
            hub.end(id, because: "no CONNECT within \(limit.seconds) s")
        }
        changed()
        return id
    }

    /// Takes note of a TLS connection that came to nothing.
    func handshakeFailed(_ tls: TLSDetails, because reason: String) {
        var record = ConnectionRecord(id: nextNumber(), openedAt: configuration.now())
        record.serverName = tls.serverName
        record.closedAt = record.openedAt
        record.closeReason = reason
        remember(record)
        changed()
    }

    /// Ends everything that is open or waits, for good.
    func shutDown() {
        for id in live.keys.sorted() { end(id, because: "local hub stopped") }
        for rid in pendingMethods.keys { finishMethod(rid, .failure(.gatewayTimeout)) }
        for id in waiters.keys { endWait(id, result: false) }
    }

    /// Handles packets of a connection in their order.
    func receive(_ packets: [MQTTPacket], on id: Int) {
        for packet in packets { receive(packet, on: id) }
    }

    /// Handles one packet of a connection.
    func receive(_ packet: MQTTPacket, on id: Int) {
        guard let connection = live[id], !connection.isFrozen else { return }
        live[id]?.packetCount += 1
        defer { changed() }
        guard connection.isConnected else {
            if case .connect(let connect) = packet, connection.record.clientId == nil {
                return self.connect(connect, on: id)
            }
            return refuse(id, .connectOrder, "a packet before CONNECT was accepted")
        }
        touch(connection)
        switch packet {
        case .publish(let publish): receive(publish, on: id)
        case .puback(let packetId): acknowledge(packetId, on: id)
        case .subscribe(let packetId, let filters): subscribe(packetId, filters, on: id)
        case .unsubscribe(let packetId, let filters): unsubscribe(packetId, filters, on: id)
        case .pingRequest:
            if !takeFault(.silentPing, for: connection.record.deviceId) { send(.pingResponse, on: id) }
        case .disconnect:
            live[id]?.will = nil
            end(id, because: "DISCONNECT")
        case .connect: refuse(id, .connectOrder, "CONNECT twice")
        case .qos2: refuse(id, .qualityOfService, "a packet of the QoS 2 handshake")
        case .connack, .suback, .unsuback, .pingResponse:
            refuse(id, .malformedPacket, "a packet that only a server sends")
        }
    }

    /// Handles bytes that are no packet.
    func receive(_ error: MQTTError, on id: Int) {
        guard live[id]?.isFrozen == false else { return }
        refuse(id, error.isTooLarge ? .messageSize : .malformedPacket, error.description)
    }

    /// Takes note that the network connection is gone.
    func closed(_ id: Int, because reason: String) {
        end(id, because: reason)
    }

    /// Ends a connection: closes it, publishes its will, keeps what its session keeps.
    func end(_ id: Int, because reason: String) {
        guard var connection = live.removeValue(forKey: id) else { return }
        for timer in connection.timers.values { timer.cancel() }
        connection.sink.close()
        connection.record.closedAt = configuration.now()
        connection.record.closeReason = reason
        remember(connection.record)
        if connection.isConnected, let device = connection.record.deviceId, connection.record.service == .hub
        {
            leave(device, connection)
        }
        changed()
    }

    private func leave(_ id: String, _ connection: LiveConnection) {
        guard var state = states[id], state.connection == connection.record.id else { return }
        state.connection = nil
        state.device.isConnected = false
        state.device.connectionStateUpdated = configuration.now()
        for index in state.session.queue.indices { state.session.queue[index].packetId = nil }
        if connection.record.cleanSession { state.session = Session() }
        state.device.queuedMessages = state.session.queue.count
        states[id] = state
        if let will = connection.will { store(will, from: connection) }
    }

    /// Ends the connections of one device.
    func disconnect(device: String, because reason: String) {
        for connection in live.values
        where connection.record.deviceId == device && connection.record.service == .hub {
            end(connection.record.id, because: reason)
        }
    }

    private func remember(_ record: ConnectionRecord) {
        connectionHistory.append(
            record, bytes: record.size, limit: configuration.logLimit, byteLimit: configuration.logByteLimit)
    }

    /// Logs a violation and closes, the only answer MQTT 3.1.1 has.
    func refuse(_ id: Int, _ kind: Violation.Kind, _ detail: String) {
        let detail = Self.shortened(detail)
        report(kind, detail, on: id)
        end(id, because: "\(kind.rawValue): \(detail)")
    }

    /// Logs a violation.
    func report(_ kind: Violation.Kind, _ detail: String, on id: Int) {
        let violation = Violation(
            sequence: violationLog.nextSequence, kind: kind, detail: Self.shortened(detail),
            deviceId: live[id]?.record.deviceId,
            connectionId: id, at: configuration.now())
        violationLog.append(
            violation, bytes: violation.size, limit: configuration.logLimit,
            byteLimit: configuration.logByteLimit)
        violationFeed.publish(violation)
        changed()
    }

    /// What a person can read of a text that a client may have made 64 KiB long.
    private static func shortened(_ text: String) -> String {
        text.count > 300 ? text.prefix(300) + "…" : text
    }

    /// Sends a packet unless the connection is frozen or gone.
    func send(_ packet: MQTTPacket, on id: Int) {
        guard let connection = live[id], !connection.isFrozen else { return }
        connection.sink.send(packet)
    }

    /// Sends a message at the given QoS or the one granted for that filter, if lower.
    func publish(_ topic: String, _ payload: [UInt8], qos: Int, filter: String, on id: Int) {
        guard let granted = live[id]?.record.subscriptions[filter] else { return }
        var packet = MQTTPublish(topic: topic, payload: payload, qos: UInt8(min(qos, granted)))
        if packet.qos > 0, let packetId = live[id]?.takePacketId() {
            packet.id = packetId
            live[id]?.unacknowledged.updateValue(nil, forKey: packetId)
        }
        send(.publish(packet), on: id)
    }

    /// Runs an action later unless the connection ends before.
    func schedule(
        on id: Int, after delay: Duration, _ action: @escaping @Sendable (isolated Hub) -> Void
    ) {
        let number = nextNumber()
        live[id]?.timers[number] = Task { [weak self] in
            guard (try? await Task.sleep(for: delay)) != nil, let self else { return }
            await self.run(action, number, on: id)
        }
    }

    private func run(_ action: @Sendable (isolated Hub) -> Void, _ timer: Int, on id: Int) {
        if live[id]?.timers.removeValue(forKey: timer) != nil { action(self) }
    }

    private func touch(_ connection: LiveConnection) {
        guard connection.record.service == .hub, let id = connection.record.deviceId else { return }
        states[id]?.device.lastActivity = configuration.now()
    }
}
